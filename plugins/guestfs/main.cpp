// The plugin "guestfs": reads a vmferry.inspect/1 from stdin, writes a vmferry.inspection/1 to stdout
// (plugins/README.md).

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <iterator>

#include "plugins/guestfs/answer.hpp"
#include "plugins/guestfs/appliance.hpp"
#include "plugins/guestfs/image_chain.hpp"
#include "plugins/guestfs/look.hpp"
#include "plugins/guestfs/request.hpp"
#include "plugins/guestfs/watch.hpp"

namespace vmferry::guestfs {

namespace {

constexpr int k_usage = 64;
/// Of our time, so that an answer is out before it is up.
constexpr double k_part_of_limit = 0.9;

void start_appliance(const Request& request, const std::vector<model::InspectedImage>& images, Answer& answer)
{
    answer.doing("starting the appliance");
    const auto appliance = Appliance::start(images, request.kvm);
    if (!appliance) {
        answer.ended_early(appliance.error().what());
        return;
    }
    look(*appliance, answer);
}

[[noreturn]] void inspect(const Request& request, Answer& answer)
{
    const auto limit = std::chrono::duration_cast<Milliseconds>(request.limit * k_part_of_limit);
    const Deadline deadline(limit);
    watch(answer, limit);
    std::vector<model::InspectedImage> openable;
    for (const model::InspectedImage& image : request.images) {
        answer.doing("opening " + image.disk);
        const CheckedImage checked = check_image(image, deadline.left());
        answer.change([&](model::Inspection& inspection) { inspection.images.push_back(checked.contents); });
        if (checked.openable) {
            openable.push_back(image);
        }
        if (answer.is_over()) {
            answer.give();
        }
    }
    if (!openable.empty()) {
        start_appliance(request, openable, answer);
    }
    answer.give();
}

int run()
{
    // If vmferry is killed, nobody ends us at the limit.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    const auto request = parse_request(text);
    if (!request) {
        std::fprintf(stderr, "guestfs: %s\n", request.error().what().c_str());
        return k_usage;
    }
    // What a library or one of its programs might write to stdout is no part of the answer.
    const int out = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    Answer answer(out);
    inspect(*request, answer);
}

}  // namespace

}  // namespace vmferry::guestfs

int main() { return vmferry::guestfs::run(); }
