#include "cli/profile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/suggest.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

namespace {

constexpr const char* k_standard = "gentle";
/// QEMU takes no longer one.
constexpr Milliseconds k_most_downtime = std::chrono::seconds(2000);

ProfileSettings built_in(Milliseconds max_downtime, bool auto_converge)
{
    ProfileSettings settings;
    settings.max_downtime = max_downtime;
    settings.auto_converge = auto_converge;
    return settings;
}

const Profiles& built_in_profiles()
{
    static const Profiles k_profiles{
        {"fast", built_in(Milliseconds(500), true)},
        {k_standard, built_in(Milliseconds(300), false)},
        {"strict", built_in(Milliseconds(100), false)},
    };
    return k_profiles;
}

std::vector<std::string> names_of(const Profiles& own)
{
    Profiles all = built_in_profiles();
    all.insert(own.begin(), own.end());
    std::vector<std::string> names;
    for (const auto& [name, settings] : all) {
        names.push_back(name);
    }
    return names;
}

template <typename T>
void set(T& into, const auto& from)
{
    if (from) {
        into = *from;
    }
}

}  // namespace

void ProfileSettings::apply(model::Limits& limits, model::Schedule& schedule) const
{
    set(limits.transaction, timeout);
    set(schedule.max_downtime, max_downtime);
    set(schedule.stall, stall_timeout);
    set(schedule.bandwidth_bytes_per_s, bandwidth_bytes_per_s);
    set(schedule.auto_converge, auto_converge);
    set(schedule.connections, connections);
    set(schedule.on_timeout, on_timeout);
    set(schedule.postcopy, postcopy);
}

Result<Milliseconds> parse_max_downtime(const std::string& text)
{
    VMF_TRY_ASSIGN(const Milliseconds downtime, parse_duration(text));
    if (downtime.count() < 1 || downtime > k_most_downtime) {
        return fail(ErrorKind::usage, fmt::format("'{}' is no downtime: it lies between 1ms and 2000s", text));
    }
    return downtime;
}

Result<uint64_t> parse_bandwidth(const std::string& text)
{
    VMF_TRY_ASSIGN(const uint64_t rate, parse_rate(text));
    if (rate < model::k_least_bandwidth) {
        return fail(ErrorKind::usage, fmt::format("'{}' is too little: libvirt counts in whole MiB/s", text));
    }
    return rate;
}

Result<model::OnTimeout> parse_on_timeout_word(const std::string& text)
{
    if (const auto action = model::parse_on_timeout(text)) {
        return *action;
    }
    return fail(ErrorKind::usage, fmt::format("'{}' is not one of rollback, suspend, postcopy{}", text,
                                              did_you_mean(text, {"rollback", "suspend", "postcopy"})));
}

Result<model::PostCopy> parse_postcopy_word(const std::string& text)
{
    if (const auto postcopy = model::parse_postcopy(text)) {
        return *postcopy;
    }
    return fail(ErrorKind::usage,
                fmt::format("'{}' is not one of never, allow{}", text, did_you_mean(text, {"never", "allow"})));
}

Result<Tuning> tune(const Profiles& own, const std::optional<std::string>& default_profile,
                    const ProfileSettings& defaults, const std::string& chosen, const ProfileSettings& options)
{
    Tuning tuning;
    const std::string name = !chosen.empty() ? chosen : default_profile.value_or(k_standard);
    const auto standard = built_in_profiles().find(name);
    const auto added = own.find(name);
    if (standard == built_in_profiles().end() && added == own.end()) {
        const auto names = names_of(own);
        return fail(ErrorKind::usage, fmt::format("there is no profile '{}', only {}{}", name, fmt::join(names, ", "),
                                                  did_you_mean(name, names)));
    }
    std::vector<ProfileSettings> layers{built_in_profiles().at(k_standard)};
    if (standard != built_in_profiles().end()) {
        layers.push_back(standard->second);
    }
    if (added != own.end()) {
        layers.push_back(added->second);
    }
    // Named on the command line, a profile is stronger than the defaults of the configuration.
    layers.insert(chosen.empty() ? layers.end() : layers.begin() + 1, defaults);
    layers.push_back(options);
    for (const ProfileSettings& layer : layers) {
        layer.apply(tuning.limits, tuning.schedule);
    }
    tuning.schedule.profile = name;
    tuning.schedule.first_downtime = std::min(tuning.schedule.first_downtime, tuning.schedule.max_downtime);
    return tuning;
}

}  // namespace vmferry::cli
