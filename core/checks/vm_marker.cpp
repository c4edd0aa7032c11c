#include <fmt/format.h>

#include <array>

#include "core/checks/verdict.hpp"

namespace vmferry::checks {

namespace {

constexpr std::array<Topic, 1> k_topics{{
    {"VMF-P005", "no other transaction of vmferry holds the VM",
     "vmferry writes a marker into the VM's metadata for as long as a move is not settled. A marker of "
     "another transaction means that somebody moves this VM right now, from this machine or from another "
     "one, or that a move was broken off and not yet cleaned up. Two controllers that work on one VM can "
     "end with two running copies. Settle the other transaction first: vmferry rollback TX on the "
     "machine named in the message, or vmferry rollback --from-hosts SOURCE,TARGET when that machine is "
     "gone."},
}};
constexpr const Topic& k_marker = k_topics[0];

std::vector<model::Finding> run(CheckContext& context)
{
    std::vector<model::Finding> findings;
    const std::string subject = "VM " + context.domain.name;
    for (const auto& marker : {context.domain.now.live_marker, context.domain.now.inactive_marker}) {
        if (!marker || marker->transaction.str() == context.transaction || !findings.empty()) {
            continue;
        }
        const std::string& other = marker->transaction.str();
        findings.push_back(error(k_marker, subject,
                                 fmt::format("transaction {} of {} holds the VM", other,
                                             marker->controller.empty() ? "an unknown machine" : marker->controller),
                                 fmt::format("vmferry rollback {}; or, when that machine is gone: vmferry rollback "
                                             "--from-hosts {},{}",
                                             other, context.source_facts.label, context.target_facts.label),
                                 {{"transaction", other}, {"controller", marker->controller}}));
    }
    return findings.empty() ? std::vector{ok(k_marker, subject, "no other transaction")} : findings;
}

}  // namespace

VMF_REGISTER_CHECK(vm_marker, k_topics, run);

}  // namespace vmferry::checks
