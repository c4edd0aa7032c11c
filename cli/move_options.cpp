#include "cli/move_options.hpp"

#include <fmt/format.h>

#include "cli/suggest.hpp"
#include "cli/transact.hpp"
#include "core/network/address.hpp"

namespace vmferry::cli {

void MoveOptions::declare(OptionSet& options)
{
    options.list("--accept", m_accept, "ID,...", "go on although these checks found an error");
    m_profile.declare(options);
    options.parsed(
        "--switch", "MODE", [this](const std::string& word) { return take_switch(word); },
        "guarded: hold libvirt's last reply; fence: end the source where it stands; wait: let libvirt end it; native: "
        "let libvirt start the target (guarded)");
    options.flag("--p2p", m_peer_to_peer, "the source's daemon drives the move; implies --switch fence");
    options.flag("--tls", m_tls, "send memory and disks through TLS, or not at all");
    options.text("--tls-destination", m_tls_name, "NAME",
                 "name in the target's certificate, when it is not the host the memory is sent to");
    m_copy.declare(options);
    options.list("--probe", m_probes, "ADDRESS,...", "announce the VM at the target until it answers there");
}

Result<> MoveOptions::take_switch(const std::string& word)
{
    m_switch = model::parse_switch_mode(word);
    return m_switch
               ? Result<>{}
               : fail(ErrorKind::usage,
                      fmt::format("'{}' is not one of {}{}", word, fmt::join(model::k_switch_modes, ", "),
                                  did_you_mean(word, {model::k_switch_modes.begin(), model::k_switch_modes.end()})));
}

/// What the source's daemon drives cannot be held by us.
Result<> MoveOptions::choose_route(engine::MoveRequest& request) const
{
    request.peer_to_peer = m_peer_to_peer;
    request.switch_mode = m_switch.value_or(m_peer_to_peer ? model::SwitchMode::fence : model::SwitchMode::guarded);
    if (m_peer_to_peer && request.switch_mode == model::SwitchMode::guarded) {
        return fail(ErrorKind::usage, "--p2p cannot be guarded: the reply of Finish goes to the source's daemon");
    }
    return {};
}

/// Post-copy begins in Finish, which only the guarded switch has in its hand.
Result<> MoveOptions::judge_postcopy(const engine::MoveRequest& request)
{
    if (!request.schedule.may_postcopy()) {
        return {};
    }
    if (request.switch_mode != model::SwitchMode::guarded) {
        return fail(Error(ErrorKind::usage, "post-copy needs the guarded switch: without it the target is not let run "
                                            "before all memory has arrived")
                        .with_next("leave out --switch, --p2p or post-copy"));
    }
    if (request.schedule.connections > 0) {
        return fail(Error(ErrorKind::usage, "QEMU has no post-copy over parallel connections")
                        .with_next("leave out --parallel or post-copy"));
    }
    return {};
}

Result<> MoveOptions::choose_tls(engine::MoveRequest& request, const Config& config) const
{
    request.tls = m_tls || config.require_tls;
    request.tls_name = m_tls_name;
    if (!m_tls_name.empty() && !request.tls) {
        return fail(Error(ErrorKind::usage, "--tls-destination says nothing without --tls")
                        .with_next("vmferry migrate --help"));
    }
    return {};
}

Result<engine::MoveRequest> MoveOptions::request(const Settings& settings, const std::string& vm) const
{
    VMF_TRY_ASSIGN(const Tuning tuning, m_profile.tune(settings.config));
    engine::MoveRequest request;
    request.vm = vm;
    request.limits = tuning.limits;
    request.schedule = tuning.schedule;
    request.accepted = accepted(settings.config, m_accept);
    request.cache_directory = cache_directory(settings);
    request.probes = m_probes;
    for (const std::string& address : m_probes) {
        VMF_TRY(network::parse_ip(address));
    }
    VMF_TRY(choose_route(request));
    VMF_TRY(judge_postcopy(request));
    VMF_TRY(choose_tls(request, settings.config));
    return request;
}

bool MoveOptions::any() const
{
    return !m_accept.empty() || m_profile.any() || m_switch || m_peer_to_peer || m_tls || !m_tls_name.empty() ||
           !m_probes.empty() || m_copy.any();
}

}  // namespace vmferry::cli
