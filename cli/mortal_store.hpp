// A journal that tells of each durable write before and after it is made. The drill counts them so, and dies at one
// of them: no failpoint is needed, so a packaged vmferry can be drilled.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "journal/store.hpp"

namespace vmferry::cli {

enum class Moment { before, after };

/// `number` counts from 1; `entry` is the last one that the write holds: "LEDGER marker:source".
using WriteWatcher = std::function<void(Moment moment, int number, const std::string& entry)>;

[[nodiscard]] std::unique_ptr<journal::Store> mortal(std::unique_ptr<journal::Store> store, WriteWatcher watcher);

/// Where a round of the drill dies; write 0 is never reached.
struct Death {
    Moment moment{};
    int write = 0;
};
[[nodiscard]] std::string to_words(Moment moment, int write);  // "before:12"
/// Kind `usage`.
[[nodiscard]] Result<Death> parse_death(const std::string& words);

}  // namespace vmferry::cli
