// One story, told in full; and how stories are written.

#include <fmt/format.h>

#include "tests/sim/explore.hpp"

namespace vmferry::sim {

std::string to_string(const NamedShape& shape, const Story& story)
{
    constexpr std::string_view k_words[] = {"", "+forward", "+host-dead", "+journal-lost"};
    std::string text = std::string(shape.name) + std::string(k_words[static_cast<size_t>(story.by)]);
    for (const std::string& part : {to_string(story.faults), story.disk_fault ? to_string(*story.disk_fault)
                                                             : story.on_disk  ? std::string("disk")
                                                                              : std::string()}) {
        text += part.empty() ? "" : "/" + part;
    }
    return text;
}

namespace {

/// Takes "/disk" or "/disk:CALL:FAULT" off the end of `text`; false when it is malformed.
bool take_disk(std::string& text, Story& story)
{
    const size_t at = text.find("/disk");
    if (at == std::string::npos) {
        return true;
    }
    const std::string disk = text.substr(at + 1);
    text.resize(at);
    story.on_disk = true;
    story.disk_fault = parse_disk_fault(disk);
    return story.disk_fault || disk == "disk";
}

}  // namespace

std::optional<Story> parse_story(std::string text)
{
    Story story;
    if (!take_disk(text, story)) {
        return std::nullopt;
    }
    const size_t slash = text.find('/');
    const std::string head = text.substr(0, slash);
    const NamedShape* shape = find_shape(head.substr(0, head.find('+')));
    auto faults = parse_faults(slash == std::string::npos ? "" : std::string_view(text).substr(slash + 1));
    if (shape == nullptr || !faults) {
        return std::nullopt;
    }
    story.shape = shape->shape;
    story.faults = std::move(*faults);
    story.by = head.ends_with("+forward")        ? Operator::forward
               : head.ends_with("+host-dead")    ? Operator::host_dead
               : head.ends_with("+journal-lost") ? Operator::journal_lost
                                                 : Operator::plain;
    return story;
}

int replay(const std::string& text, const Options& options)
{
    const auto story = parse_story(text);
    if (!story) {
        fmt::print(stderr, "'{}' is not a story\n", text);
        return 64;
    }
    std::vector<PointRecord> points;
    const Verdict verdict = run_story(*story, options.checks, &points);
    for (size_t i = 0; i < points.size(); ++i) {
        std::string struck;
        for (const Fault& fault : story->faults) {
            struck += fault.point == static_cast<int>(i + 1) ? "  <-- " + std::string(fault.type->name) : "";
        }
        constexpr std::string_view k_kinds[] = {"act",   "ask",          "  act done", "  ask done",
                                                "write", "  write done", "STEP",       "wait"};
        fmt::print("{:>4} {:>8} ms  {:<12} {}{}\n", i + 1, points[i].at, k_kinds[static_cast<size_t>(points[i].kind)],
                   points[i].name, struck);
    }
    for (const std::string& line : verdict.said) {
        fmt::print("{}\n", line);
    }
    fmt::print("processes: {}\noutcome: {}\n", verdict.ending, verdict.outcome.empty() ? "(open)" : verdict.outcome);
    for (const std::string& violation : verdict.violations) {
        fmt::print("BAD  {}\n", violation);
    }
    return verdict.violations.empty() ? 0 : 1;
}

}  // namespace vmferry::sim
