#include "cli/without_journal.hpp"

#include <fmt/format.h>

#include "cli/ask.hpp"

namespace vmferry::cli {

Result<> prepare_without_journal(const WithoutJournal& words, bool sure)
{
    const bool lost = !words.from_hosts.empty();
    const bool pair = words.hosts.size() == 2 && !words.vm.empty();
    if (lost != words.hosts.empty() || (!lost && !pair) || (lost && !words.keep.empty())) {
        return fail(Error(ErrorKind::usage, "--hosts names two hosts and belongs to --vm; --keep belongs to --hosts")
                        .with_next("vmferry rollback --vm VM --hosts A,B"));
    }
    if (sure) {
        return {};
    }
    const std::string question =
        lost ? "Settle by the markers on the hosts? Only when the journal that began the moves is lost, and no vmferry "
               "works on them from another machine."
             : fmt::format(
                   "Settle {}, of which vmferry has no journal, by what {} and {} show? Only when it has not run "
                   "on any other host since.",
                   words.vm, words.hosts.front(), words.hosts.back());
    VMF_TRY_ASSIGN(const bool yes, ask(question, "settling without a journal"));
    return yes ? Result<>{} : fail(Error(ErrorKind::interrupted, "not settled").with_next("the same command with -y"));
}

}  // namespace vmferry::cli
