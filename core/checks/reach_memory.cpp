#include "core/checks/reach_memory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/digest.hpp"
#include "core/base/handle.hpp"
#include "core/base/json.hpp"

namespace vmferry::checks {

namespace {

constexpr int64_t k_valid_ms = std::chrono::milliseconds(std::chrono::hours(24)).count();
constexpr int k_schema = 1;

std::filesystem::path file_of(const std::string& directory, const HostPair& pair)
{
    const std::string key = pair.source_uuid + '\n' + pair.target_uuid + '\n' + pair.name;
    return std::filesystem::path(directory) / ("reach-" + sha256_hex(key).substr(0, 32) + ".json");
}

Json to_json(const HostPair& pair, int64_t now_ms)
{
    return {{"schema", k_schema},
            {"source_uuid", pair.source_uuid},
            {"target_uuid", pair.target_uuid},
            {"name", pair.name},
            {"resolved_at_ms", now_ms}};
}

bool write_all(int fd, const std::string& text)
{
    return ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace

bool is_reach_remembered(const std::string& directory, const HostPair& pair, int64_t now_ms)
{
    std::ifstream file(file_of(directory, pair));
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto json = parse_json(text);
    if (!json || !json->is_object() || !json->contains("resolved_at_ms") ||
        !(*json)["resolved_at_ms"].is_number_integer()) {
        return false;
    }
    const int64_t then_ms = (*json)["resolved_at_ms"].get<int64_t>();
    return *json == to_json(pair, then_ms) && then_ms <= now_ms && now_ms - then_ms < k_valid_ms;
}

void remember_reach(const std::string& directory, const HostPair& pair, int64_t now_ms)
{
    std::error_code ignored;
    std::filesystem::create_directories(directory, ignored);
    const std::filesystem::path file = file_of(directory, pair);
    std::string temporary = file.string() + ".XXXXXX";
    Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) {
        return;
    }
    const bool written = write_all(fd.get(), dump_json(to_json(pair, now_ms)) + "\n");
    fd.reset();
    if (written) {
        std::filesystem::rename(temporary, file, ignored);
    }
    if (!written || ignored) {
        std::filesystem::remove(temporary, ignored);
    }
}

}  // namespace vmferry::checks
