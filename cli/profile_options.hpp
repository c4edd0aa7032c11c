// The options with which a move is tuned.

#pragma once

#include "cli/command.hpp"
#include "cli/profile.hpp"

namespace vmferry::cli {

class ProfileOptions {
public:
    void declare(OptionSet& options);
    /// With what the configuration says. Kind `usage`.
    [[nodiscard]] Result<Tuning> tune(const Config& config) const;
    /// At least one was given.
    [[nodiscard]] bool any() const;

private:
    std::string m_profile;
    ProfileSettings m_settings;
    bool m_auto_converge = false;
    bool m_postcopy = false;
    int m_connections = 0;
};

}  // namespace vmferry::cli
