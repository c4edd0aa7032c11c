#include "tests/sim/sim_host.hpp"

#include "tests/sim/edge.hpp"
#include "tests/sim/talk.hpp"

namespace vmferry::sim {

namespace {

constexpr Ms k_question = 5000;
constexpr Ms k_act = 5000;
constexpr Ms k_teardown = 200;

std::string definition_text(int content) { return "<domain content='" + std::to_string(content) + "'/>"; }

}  // namespace

SimHost::SimHost(Universe& universe, Rules& rules, Side side, int connection)
    : m_universe(universe), m_rules(rules), m_side(side), m_site{universe, side}, m_connection(connection),
      m_address(address_of(side))
{
}

template <typename T>
Result<T> SimHost::ask(std::string_view name, Ms limit, std::function<Result<T>()> question, Ms takes)
{
    return Talk<T>(m_universe, m_connection, false, name).run(limit, takes, [question = std::move(question)] {
        return std::optional<Result<T>>(question());
    });
}

template Result<bool> SimHost::ask<bool>(std::string_view, Ms, std::function<Result<bool>()>, Ms);
template Result<std::optional<std::string>>
    SimHost::ask<std::optional<std::string>>(std::string_view, Ms, std::function<Result<std::optional<std::string>>()>,
                                             Ms);
template Result<std::vector<world::Inspector::Resident>>
    SimHost::ask<std::vector<world::Inspector::Resident>>(std::string_view, Ms,
                                                          std::function<Result<std::vector<Resident>>()>, Ms);
template Result<world::Portable> SimHost::ask<world::Portable>(std::string_view, Ms,
                                                               std::function<Result<world::Portable>()>, Ms);
template Result<model::HostFacts> SimHost::ask<model::HostFacts>(std::string_view, Ms,
                                                                 std::function<Result<model::HostFacts>()>, Ms);

Result<> SimHost::act(std::string_view name, std::function<Done()> effect, Ms takes, std::string_view object)
{
    m_rules.check(name, m_side, object);
    return Talk<void>(m_universe, m_connection, true, name).run(k_act, takes, std::move(effect));
}

model::Observation Site::look() const
{
    model::Observation seen;
    seen.reachable = true;
    const Domain& domain = machine().domain;
    seen.exists = domain.exists();
    if (!seen.exists) {
        return seen;
    }
    seen.persistent = domain.definition.has_value();
    seen.state = RunState::shut_off;
    seen.reason = domain.off_reason;
    seen.stream_completed = !domain.live && domain.stream_completed && !domain.job_pending;
    if (domain.live) {
        seen.state = domain.live->state;
        seen.reason = domain.live->reason;
        seen.id = domain.live->id;
        seen.cpu_time_ns = domain.live->instructions;
        seen.job_active = domain.live->job != Job::none;
        seen.live_marker = domain.live->marker;
    }
    if (domain.definition) {
        seen.inactive_marker = domain.definition->marker;
    }
    return seen;
}

Result<Uuid> SimHost::find(const std::string& /*name_or_uuid*/) { return m_universe.vm; }

Result<model::DomainFacts> SimHost::describe(const Uuid& uuid)
{
    return ask<model::DomainFacts>("describe", k_question, [site = m_site, uuid]() -> Result<model::DomainFacts> {
        if (!site.domain().exists()) {
            return fail(ErrorKind::not_found, "no such domain");
        }
        model::DomainFacts facts;
        facts.uuid = uuid;
        facts.name = "web1";
        facts.virt_type = "kvm";
        facts.arch = "x86_64";
        facts.machine = "pc-q35-7.2";
        facts.emulator = "/usr/bin/qemu-system-x86_64";
        facts.memory_bytes = 1ULL << 30;
        facts.vcpus = 2;
        facts.nvram = site.universe.guest.nvram ? site.universe.guest.nvram_path : "";
        facts.now = site.look();
        facts.autostart = site.domain().autostart;
        return facts;
    });
}

model::Observation SimHost::observe(const Uuid& /*uuid*/, Milliseconds limit)
{
    constexpr Ms k_stuck_question = 1500;
    const auto& live = m_site.domain().live;
    const bool stuck = live && live->qemu == Qemu::finishing && m_universe.net.stream_stuck();
    auto seen = ask<model::Observation>(
        "observe", limit.count(), [site = m_site] { return Result<model::Observation>(site.look()); },
        stuck ? k_stuck_question : 0);
    if (seen) {
        m_universe.oracle.saw(m_side, *seen);
        return std::move(*seen);
    }
    model::Observation none;
    none.problem = seen.error().text();
    return none;
}

Result<world::Inspector::Definitions> SimHost::definitions(const Uuid& uuid, const model::Marker& target_marker,
                                                           const std::vector<model::DiskMove>& /*copies*/)
{
    VMF_TRY_ASSIGN(const model::BeforeImage image, before_image(uuid));
    const std::string& here = image.live_xml.empty() ? image.inactive_xml : image.live_xml;
    return Definitions{here, here + dump_json(model::to_json(target_marker))};
}

Result<model::BeforeImage> SimHost::before_image(const Uuid& /*uuid*/)
{
    return ask<model::BeforeImage>("before-image", k_question, [site = m_site]() -> Result<model::BeforeImage> {
        if (!site.domain().exists()) {
            return fail(ErrorKind::not_found, "no such domain");
        }
        if (!site.universe.imaged) {
            site.universe.imaged = site.domain();
        }
        model::BeforeImage image;
        image.state = site.look();
        image.autostart = site.domain().autostart;
        image.inactive_xml = site.domain().definition ? definition_text(site.domain().definition->content) : "";
        if (site.domain().live) {
            image.live_xml = definition_text(site.domain().live->content);
            image.max_downtime_ms = site.domain().live->max_downtime_ms;
            image.max_bandwidth_mib_s = site.domain().live->max_bandwidth_mib_s;
        }
        return image;
    });
}

Result<std::string> SimHost::emulator_status(const Uuid& /*uuid*/)
{
    return ask<std::string>("emulator-status", k_question, [site = m_site]() -> Result<std::string> {
        if (!site.domain().live) {
            return fail(ErrorKind::failed, "domain is not running");
        }
        switch (site.domain().live->qemu) {
        case Qemu::running: return "running";
        case Qemu::paused: return "paused";
        case Qemu::incoming: return "inmigrate";
        case Qemu::finishing: return "finish-migrate";
        case Qemu::postmigrate: return "postmigrate";
        case Qemu::postcopy: return "finish-migrate";
        }
        return "unknown";
    });
}

Result<world::MigrationProgress> SimHost::progress(const Uuid& /*uuid*/)
{
    return ask<world::MigrationProgress>("progress", k_question, [site = m_site]() -> Result<world::MigrationProgress> {
        const auto& flows = site.universe.flows;
        if (flows.empty() || !site.domain().live || site.domain().live->job == Job::none) {
            return fail(ErrorKind::failed, "no job works on it");
        }
        return flows.back()->progress();
    });
}

Result<std::vector<world::Inspector::Resident>> SimHost::residents()
{
    return ask<std::vector<Resident>>("residents", k_question, [site = m_site]() -> Result<std::vector<Resident>> {
        std::vector<Resident> all;
        if (site.domain().exists()) {
            Resident one;
            one.uuid = site.universe.vm;
            one.name = "web1";
            one.active = site.domain().live.has_value();
            all.push_back(one);
        }
        return all;
    });
}

Result<> SimHost::resume(const Uuid& /*uuid*/)
{
    return act("resume", [site = m_site] { return site.daemon().resume(Cause::tool); });
}

Result<> SimHost::suspend(const Uuid& /*uuid*/)
{
    return act(
        "suspend", [site = m_site] { return site.daemon().suspend(Cause::tool); }, 0, "domain:target");
}

Result<> SimHost::destroy(const Uuid& /*uuid*/)
{
    return act(
        "destroy", [site = m_site] { return site.daemon().destroy(Cause::tool); }, k_teardown);
}

Result<> SimHost::undefine(const Uuid& /*uuid*/, world::UndefineOptions /*options*/)
{
    return act("undefine", [site = m_site] { return site.daemon().undefine(Cause::tool); });
}

Result<> SimHost::set_autostart(const Uuid& /*uuid*/, bool on)
{
    return act("autostart", [site = m_site, on] { return site.daemon().set_autostart(on); });
}

Result<> SimHost::set_marker(const Uuid& /*uuid*/, const model::Marker& marker)
{
    const std::string_view name = marker.resumed ? "mark-resumed" : marker.committed ? "mark-commit" : "marker";
    return act(name, [site = m_site, marker] { return site.daemon().set_marker(marker, Cause::tool); });
}

Result<> SimHost::clear_marker(const Uuid& /*uuid*/)
{
    return act("marker", [site = m_site] { return site.daemon().set_marker(std::nullopt, Cause::tool); });
}

Result<> SimHost::set_max_downtime(const Uuid& /*uuid*/, Milliseconds downtime)
{
    return act("downtime", [site = m_site, limit = static_cast<uint64_t>(downtime.count())] {
        return site.daemon().set_max_downtime(limit);
    });
}

Result<> SimHost::set_max_bandwidth(const Uuid& /*uuid*/, uint64_t limit_mib_s)
{
    return act("bandwidth", [site = m_site, limit_mib_s] { return site.daemon().set_max_bandwidth(limit_mib_s); });
}

Result<> SimHost::abort_job(const Uuid& /*uuid*/)
{
    return act(
        "abort", [site = m_site] { return site.daemon().abort_job(Cause::tool); }, 0, "domain:target");
}

Result<> SimHost::start_postcopy(const Uuid& /*uuid*/)
{
    return act("start-postcopy", [site = m_site] { return site.daemon().start_postcopy(); });
}

Result<> SimHost::break_postcopy(const Uuid& /*uuid*/)
{
    return act("break-postcopy", [site = m_site] { return site.daemon().break_postcopy(); });
}

Result<> SimHost::announce(const Uuid& /*uuid*/, int /*rounds*/)
{
    return act("announce", [site = m_site] { return site.daemon().announce(); });
}

Result<> SimHost::activate_images(const Uuid& /*uuid*/)
{
    return act("activate", [site = m_site] { return site.daemon().activate_images(); });
}

}  // namespace vmferry::sim
