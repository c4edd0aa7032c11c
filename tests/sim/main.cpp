// vmferry-sim: tells stories and says which of them break a promise.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "tests/sim/explore.hpp"

namespace {

using namespace vmferry::sim;

constexpr std::string_view k_usage = R"(usage:
  vmferry-sim --singles [--shape NAME]              every single fault at every point
                                                    with --disk: the journal is SQLite on a disk
  vmferry-sim --pairs [--shape NAME] [--first FAULT] [--second FAULT] [--by plain|forward|host-dead|journal-lost]
              [--sample N [--seed S]] [--count]     every pair of faults (or one in N, chosen by S)
  vmferry-sim --seeds A-B [--stories N]             random stories: N for each seed
                                                    with --disk: on SQLite, with a disk that fails
                                                    with --journal-lost: a tool that dies takes its journal along
  vmferry-sim --disks [--shape NAME] [--sample N]   the journal's disk fails, in each way at each call
  vmferry-sim --replay SHAPE/POINT:FAULT/...        one story, told in full
  vmferry-sim --list                                shapes and faults
options: --shard I/N  --keep-going  --no-rules  --no-again
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

/// Counted in processor time: other programs on the machine change nothing of it.
int tell(const Summary& summary)
{
    const double took_s = std::max(static_cast<double>(std::clock()) / CLOCKS_PER_SEC, 0.001);
    fmt::print("{} stories, {} bad, {:.1f} s, {:.0f} stories/s\n", summary.stories, summary.bad, took_s,
               static_cast<double>(summary.stories) / took_s);
    if (summary.left_out + summary.counted != 0) {
        fmt::print("  {:>10}  not told: their second fault changes nothing\n", summary.left_out);
    }
    if (summary.counted != 0) {
        fmt::print("  {:>10}  only counted\n", summary.counted);
    }
    for (const auto& [outcome, count] : summary.outcomes) {
        fmt::print("  {:>10}  {}\n", count, outcome);
    }
    return summary.bad == 0 ? 0 : 1;
}

struct Wish {
    Options options;
    std::string mode;
    std::string value;  ///< Of --seeds and --replay.
};

/// "2/10": the third of ten parts.
void read_shard(std::string_view text, Options& options)
{
    const size_t slash = text.find('/');
    options.shard = number(text.substr(0, slash), 0);
    options.shards = slash == std::string_view::npos ? 1 : std::max<uint64_t>(1, number(text.substr(slash + 1), 1));
}

bool read_flag(std::string_view word, Options& options)
{
    if (word == "--keep-going") {
        options.keep_going = true;
    } else if (word == "--no-rules") {
        options.checks.rules = false;
    } else if (word == "--no-again") {
        options.checks.again = false;
    } else if (word == "--disk") {
        options.on_disk = true;
    } else if (word == "--journal-lost") {
        options.journal_lost = true;
    } else if (word == "--count") {
        options.count_only = true;
    } else {
        return false;
    }
    return true;
}

/// An option with a value.
bool read_option(std::string_view word, const std::string& value, Wish& wish)
{
    if (word == "--shape") {
        wish.options.shape = value;
    } else if (word == "--sample") {
        wish.options.sample = number(value, 1);
    } else if (word == "--seed") {
        wish.options.seed = number(value, 1);
    } else if (word == "--stories") {
        wish.options.stories = number(value, 1000);
    } else if (word == "--first") {
        wish.options.first = value;
    } else if (word == "--second") {
        wish.options.second = value;
    } else if (word == "--by") {
        wish.options.by = value == "forward"        ? Operator::forward
                          : value == "host-dead"    ? Operator::host_dead
                          : value == "journal-lost" ? Operator::journal_lost
                                                    : Operator::plain;
    } else if (word == "--shard") {
        read_shard(value, wish.options);
    } else if (word == "--seeds" || word == "--replay") {
        wish.mode = word;
        wish.value = value;
    } else {
        return false;
    }
    return true;
}

int tell_seeds(const Wish& wish)
{
    const uint64_t first = number(wish.value, 1);
    const size_t dash = wish.value.find('-');
    const uint64_t last =
        dash == std::string::npos ? first : number(std::string_view(wish.value).substr(dash + 1), first);
    return tell(explore_seeds(wish.options, first, last));
}

int tell(const Wish& wish)
{
    if (wish.mode == "--list") {
        list();
        return 0;
    }
    if (wish.mode == "--singles") {
        return tell(explore_singles(wish.options));
    }
    if (wish.mode == "--pairs") {
        return tell(explore_pairs(wish.options));
    }
    if (wish.mode == "--disks") {
        return tell(explore_disk(wish.options));
    }
    if (wish.mode == "--seeds") {
        return tell_seeds(wish);
    }
    return wish.mode == "--replay" ? replay(wish.value, wish.options) : usage();
}

}  // namespace

int main(int argc, char** argv)
{
    spdlog::set_level(spdlog::level::off);
    const std::vector<std::string> words(argv + 1, argv + argc);
    Wish wish;
    for (size_t i = 0; i < words.size(); ++i) {
        if (read_flag(words[i], wish.options)) {
            continue;
        }
        if (i + 1 < words.size() && read_option(words[i], words[i + 1], wish)) {
            ++i;
        } else {
            wish.mode = words[i];
        }
    }
    return tell(wish);
}
