/* PID 1 of a lab node: reaps every orphan at once.
 *
 * libvirt calls a killed QEMU gone only when its process has been reaped; a slow
 * PID 1 would make every teardown look slow. Signals from inside the namespace do
 * not reach PID 1; SIGKILL from outside ends the whole node in one moment, which
 * is how a host is lost.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, 0);
    if (write(1, "ready\n", 6) != 6)
        return 1;
    for (;;) {
        int signal_number;
        while (waitpid(-1, 0, WNOHANG) > 0) {
        }
        sigwait(&child, &signal_number);
    }
}
