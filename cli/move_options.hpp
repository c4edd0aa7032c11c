// The options that say how a VM is to be moved: of `plan` and of `migrate`.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/copy_options.hpp"
#include "cli/profile_options.hpp"
#include "core/engine/transaction.hpp"

namespace vmferry::cli {

class MoveOptions {
public:
    void declare(OptionSet& options);
    /// The options over the configuration. Kind `usage` for what contradicts itself.
    [[nodiscard]] Result<engine::MoveRequest> request(const Settings& settings, const std::string& vm) const;
    /// The disks that are to be copied; of that request.
    [[nodiscard]] Result<std::optional<phases::CopyRequest>> copies(const engine::MoveRequest& request) const
    {
        return m_copy.request(request);
    }
    [[nodiscard]] bool any() const;

private:
    Result<> take_switch(const std::string& word);
    Result<> choose_route(engine::MoveRequest& request) const;
    static Result<> judge_postcopy(const engine::MoveRequest& request);
    Result<> choose_tls(engine::MoveRequest& request, const Config& config) const;

    std::vector<std::string> m_accept;
    ProfileOptions m_profile;
    CopyOptions m_copy;
    std::optional<model::SwitchMode> m_switch;
    bool m_peer_to_peer = false;
    bool m_tls = false;
    std::string m_tls_name;
    std::vector<std::string> m_probes;
};

}  // namespace vmferry::cli
