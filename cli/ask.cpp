#include "cli/ask.hpp"

#include <unistd.h>

#include <iostream>

#include "cli/output.hpp"

namespace vmferry::cli {

Result<bool> ask(const std::string& question, const std::string& why)
{
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1) {
        return fail(
            Error(ErrorKind::usage, why + " needs -y where nobody can be asked").with_next("the same command with -y"));
    }
    write_now(STDERR_FILENO, question + " [y/N] ");
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace vmferry::cli
