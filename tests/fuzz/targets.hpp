// What reads bytes that others may have written, as targets of a fuzzer. A target comes back whatever it
// is given, or it aborts: on a crash, or when a promise of the reader does not hold.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vmferry::fuzz {

struct Target {
    std::string_view name;  ///< Also of its folder in corpus/.
    void (*read)(const std::string& text);
};

[[nodiscard]] std::span<const Target> targets();
[[nodiscard]] const Target* find_target(std::string_view name);

// Each in the file of its name.
void read_units(const std::string& text);
void read_uri(const std::string& text);
void read_configuration(const std::string& text);
void read_plan_file(const std::string& text);
void read_documents(const std::string& text);
void read_domain(const std::string& text);
void read_marker(const std::string& text);
void read_journal(const std::string& text);
void read_hook_output(const std::string& text);
void read_inspection(const std::string& text);

/// Aborts with `what` unless it holds.
void require(bool holds, std::string_view what);

}  // namespace vmferry::fuzz
