#include "cli/profile_options.hpp"

namespace vmferry::cli {

namespace {

/// Stores what `parse` makes of a word.
template <typename T>
std::function<Result<>(const std::string&)> into(std::optional<T>& value, Result<T> (*parse)(const std::string&))
{
    return [&value, parse](const std::string& text) -> Result<> {
        VMF_TRY_ASSIGN(value, parse(text));
        return {};
    };
}

}  // namespace

void ProfileOptions::declare(OptionSet& options)
{
    options.text("--profile", m_profile, "NAME", "how to converge: fast, gentle, strict or [profile.NAME] (gentle)");
    options.parsed("--max-downtime", "TIME", into(m_settings.max_downtime, parse_max_downtime),
                   "the guest may stand this long at the switch (300ms)");
    options.parsed("--bwlimit", "RATE", into(m_settings.bandwidth_bytes_per_s, parse_bandwidth),
                   "send no faster than this, e.g. 1Gbit or 100MiB");
    options.flag("--auto-converge", m_auto_converge, "QEMU may slow the guest down until it converges");
    options.number("--parallel", m_connections, 1, model::k_most_connections,
                   "send over this many connections side by side");
    options.duration("--timeout", m_settings.timeout, "time for the memory to converge (30m)");
    options.duration("--stall-timeout", m_settings.stall_timeout,
                     "time that passes may go by without becoming smaller (5m)");
    options.parsed("--on-timeout", "ACTION", into(m_settings.on_timeout, parse_on_timeout_word),
                   "rollback, suspend the guest until the rest is sent, or postcopy (rollback)");
    options.flag("--postcopy", m_postcopy,
                 "let memory that does not converge follow after the switch: no way back from there");
}

Result<Tuning> ProfileOptions::tune(const Config& config) const
{
    ProfileSettings settings = m_settings;
    if (m_auto_converge) {
        settings.auto_converge = true;
    }
    if (m_postcopy) {
        settings.postcopy = model::PostCopy::allow;
    }
    if (m_connections > 0) {
        settings.connections = m_connections;
    }
    return cli::tune(config.profiles, config.profile, config.defaults, m_profile, settings);
}

bool ProfileOptions::any() const
{
    return !m_profile.empty() || m_settings.timeout || m_settings.max_downtime || m_settings.stall_timeout ||
           m_settings.bandwidth_bytes_per_s || m_settings.on_timeout || m_auto_converge || m_postcopy ||
           m_connections > 0;
}

}  // namespace vmferry::cli
