// vmferry-sim: tells stories and says which of them break a promise.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/sim/explore.hpp"

namespace {

using namespace vmferry::sim;

constexpr std::string_view k_usage = R"(usage:
  vmferry-sim --singles [--shape NAME]              every single fault at every point
  vmferry-sim --pairs [--shape NAME] [--sample N [--seed S]]
                                                    every pair of faults (or one in N, chosen by S)
  vmferry-sim --seeds A-B [--stories N]             random stories: N for each seed
                                                    with --disk: on SQLite, with a disk that fails
  vmferry-sim --disks [--shape NAME] [--sample N]   the journal's disk fails, in each way at each call
  vmferry-sim --replay SHAPE/POINT:FAULT/...        one story, told in full
  vmferry-sim --list                                shapes and faults
options: --keep-going  --no-rules  --no-again
)";

int usage()
{
    fmt::print(stderr, "{}", k_usage);
    return 64;
}

uint64_t number(std::string_view text, uint64_t otherwise)
{
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() ? value : otherwise;
}

void list()
{
    for (const NamedShape& named : shapes()) {
        fmt::print("shape  {}\n", named.name);
    }
    for (const FaultType& type : fault_types()) {
        fmt::print("fault  {}\n", type.name);
    }
    for (const DiskFaultType& type : disk_fault_types()) {
        fmt::print("disk   {}\n", type.name);
    }
}

int tell(const Summary& summary, std::chrono::steady_clock::time_point start)
{
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    fmt::print("{} stories, {} bad, {:.1f} s, {:.0f} stories/s\n", summary.stories, summary.bad, took.count(),
               static_cast<double>(summary.stories) / std::max(took.count(), 0.001));
    for (const auto& [outcome, count] : summary.outcomes) {
        fmt::print("  {:>10}  {}\n", count, outcome);
    }
    return summary.bad == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
    spdlog::set_level(spdlog::level::off);
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    Options options;
    std::string mode;
    std::string value;
    for (size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        const std::string next = i + 1 < arguments.size() ? arguments[i + 1] : "";
        if (argument == "--keep-going") {
            options.keep_going = true;
        } else if (argument == "--no-rules") {
            options.checks.rules = false;
        } else if (argument == "--no-again") {
            options.checks.again = false;
        } else if (argument == "--disk") {
            options.on_disk = true;
        } else if (argument == "--shape") {
            options.shape = next;
            ++i;
        } else if (argument == "--sample") {
            options.sample = number(next, 1);
            ++i;
        } else if (argument == "--seed") {
            options.seed = number(next, 1);
            ++i;
        } else if (argument == "--stories") {
            options.stories = number(next, 1000);
            ++i;
        } else if (argument == "--seeds" || argument == "--replay") {
            mode = argument;
            value = next;
            ++i;
        } else {
            mode = argument;
        }
    }
    const auto start = std::chrono::steady_clock::now();
    if (mode == "--list") {
        list();
        return 0;
    }
    if (mode == "--singles") {
        return tell(explore_singles(options), start);
    }
    if (mode == "--pairs") {
        return tell(explore_pairs(options), start);
    }
    if (mode == "--disks") {
        return tell(explore_disk(options), start);
    }
    if (mode == "--seeds") {
        const uint64_t first = number(value, 1);
        const size_t dash = value.find('-');
        const uint64_t last =
            dash == std::string::npos ? first : number(std::string_view(value).substr(dash + 1), first);
        return tell(explore_seeds(options, first, last), start);
    }
    return mode == "--replay" ? replay(value, options) : usage();
}
