#include <array>

#include <fmt/format.h>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 2> k_topics{{
    {"VMF-P009", "persistence and pending changes of the definition",
     "A persistent VM has two definitions: the one it runs with and the one for its next start. Both "
     "travel, each as it is, so changes that wait for the next start wait on the target too. That is "
     "often forgotten: a disk that was detached only from the running VM comes back. Compare them with "
     "virsh dumpxml VM and virsh dumpxml VM --inactive. A transient VM has no definition for the next "
     "start; it stays transient, and is gone when it stops."},
    {"VMF-P010", "autostart",
     "The autostart flag belongs to the host and is not part of a migration. vmferry switches it off on "
     "the source before the move, because a host that boots in the middle would start a second copy, and "
     "on at the target when the move is complete. When the move is undone it is on at the source as "
     "before. Nothing is to be done."},
}};
constexpr const Topic& k_pending = k_topics[0];
constexpr const Topic& k_autostart = k_topics[1];

model::Finding pending(const model::DomainFacts& domain)
{
    const std::string subject = "VM " + domain.name;
    if (!domain.now.persistent) {
        return info(k_pending, subject, "transient: it stays transient, and is gone when it stops");
    }
    if (domain.config_pending) {
        return warn(
            k_pending, subject, "its definition has changes that wait for the next start; they travel along",
            fmt::format("virsh dumpxml {0} >now.xml; virsh dumpxml {0} --inactive >next.xml; diff now.xml next.xml",
                        domain.name));
    }
    return ok(k_pending, subject, "persistent, no change is pending");
}

std::vector<model::Finding> run(CheckContext& context)
{
    const model::DomainFacts& domain = context.domain;
    const std::string subject = "VM " + domain.name;
    const model::Finding autostart = domain.autostart
                                         ? info(k_autostart, subject,
                                                fmt::format("autostart: off on {} before the move, on at {} at its end",
                                                            context.source_facts.label, context.target_facts.label))
                                         : ok(k_autostart, subject, "no autostart");
    return {pending(domain), autostart};
}

}  // namespace

VMF_REGISTER_CHECK(vm_definition, k_topics, run);

}  // namespace vmferry::checks
