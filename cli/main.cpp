// vmferry: moves virtual machines between libvirt/KVM hosts as transactions.

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/run.hpp"

namespace {

/// Where a caller closed one of them, the next file that is opened would get its number: a message to
/// stderr would then be written into the journal.
void fill_standard_descriptors()
{
    int fd = 0;
    do {
        fd = ::open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        ::close(fd);
    }
}

}  // namespace

int main(int count, char** words)
{
    using namespace vmferry::cli;
    fill_standard_descriptors();
    ::signal(SIGPIPE, SIG_IGN);
    const Commands commands = all_commands();
    const auto parsed = parse_command_line(count, words, commands);
    if (const auto* reply = std::get_if<Reply>(&parsed)) {
        const bool fine = reply->code == vmferry::engine::ExitCode::ok;
        write_now(fine ? STDOUT_FILENO : STDERR_FILENO, reply->text);
        return static_cast<int>(reply->code);
    }
    // Threads of libraries may be stuck in a call: nothing is joined or destroyed at the end.
    ::_exit(static_cast<int>(run_command(std::get<Invocation>(parsed))));
}
