#include "plugins/guestfs/image_chain.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/base/foreign_text.hpp"
#include "core/base/handle.hpp"
#include "core/base/json_at.hpp"

namespace vmferry::guestfs {

namespace {

using State = model::ImageContents::State;

constexpr std::string_view k_qemu_img = "/usr/bin/qemu-img";
constexpr size_t k_links_max = 64;
constexpr size_t k_reason_bytes_max = 300;
constexpr size_t k_words_bytes_max = 1024 * 1024;

struct Link {
    std::string path;
    std::string format;
};

void refuse(CheckedImage& checked, State state, const std::string& reason)
{
    checked.contents.state = state;
    checked.contents.reason = reason;
    checked.openable = false;
}

/// What the image stands on; an empty path: nothing. False: it must not be opened, and `checked` says why.
bool follow(const Json& head, CheckedImage& checked, Link& next)
{
    next = {};
    const Json details = head.value("format-specific", Json::object());
    const std::string data_file = text_at(details.is_object() ? details.value("data", Json()) : Json(), "data-file");
    if (!data_file.empty()) {
        refuse(checked, State::not_inspected, "its data is in a file of its own, " + data_file);
        return false;
    }
    if (head.contains("encrypted") && flag_at(head, "encrypted")) {
        refuse(checked, State::not_inspected, "it is encrypted");
        return false;
    }
    const std::string named = text_at(head, "backing-filename");
    if (named.empty()) {
        return true;
    }
    next = {text_at(head, "full-backing-filename"), text_at(head, "backing-filename-format")};
    if (next.path.empty()) {
        next.path = named;
    }
    if (!next.path.starts_with('/')) {
        refuse(checked, State::not_inspected, fmt::format("it stands on '{}', which is no local file", next.path));
    } else if (next.format != "raw" && next.format != "qcow2") {
        refuse(checked, State::not_inspected,
               fmt::format("the format of {}, on which it stands, is not recorded as raw or qcow2", next.path));
    }
    return next.path.starts_with('/') && (next.format == "raw" || next.format == "qcow2");
}

/// A QEMU that may write to an image holds a lock on this byte of it (block/file-posix.c: its permissions lock those
/// from 100 on, and writing is the second). The appliance would meet it as well, and then start with none of the
/// images.
bool is_written_to(const std::string& path)
{
    constexpr off_t k_write_permission = 101;
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = k_write_permission;
    lock.l_len = 1;
    return file && ::fcntl(file.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/// Opens the head of one image, as its format. Kind `failed` when it is not whole, else why it could not be looked at.
Result<Json> head_of(const Link& link, Milliseconds limit)
{
    std::error_code error;
    const auto status = std::filesystem::status(link.path, error);
    if (error || !std::filesystem::exists(status)) {
        return fail(ErrorKind::failed, fmt::format("{} does not exist", link.path));
    }
    // A pipe or a socket would keep us waiting.
    if (!std::filesystem::is_regular_file(status) && !std::filesystem::is_block_file(status)) {
        return fail(ErrorKind::usage, fmt::format("{} is neither a file nor a block device", link.path));
    }
    if (::access(link.path.c_str(), R_OK) != 0) {
        return fail(ErrorKind::denied, fmt::format("{} may not be read", link.path));
    }
    if (is_written_to(link.path)) {
        return fail(ErrorKind::busy, fmt::format("{} is in use: another process may write to it", link.path));
    }
    const auto run = qemu_img({"info", "--output=json", "-f", link.format, link.path}, limit);
    if (!run) {
        return fail(ErrorKind::internal, run.error().text());
    }
    if (!run->good()) {
        const bool refused = run->end == ProcessRun::End::exited;
        return fail(refused ? ErrorKind::failed : ErrorKind::internal, reason_of(*run));
    }
    return parse_json(run->output);
}

/// The tables of a qcow2 image: damage that opening it does not show.
void check_tables(const Link& link, const Deadline& deadline, CheckedImage& checked)
{
    constexpr int k_corrupt = 2;
    if (link.format != "qcow2") {
        return;
    }
    const auto run = qemu_img({"check", "-q", "-f", link.format, link.path}, deadline.left());
    const bool failed = run && run->end == ProcessRun::End::exited && (run->code == 1 || run->code == k_corrupt);
    if (failed) {
        checked.contents.state = State::damaged;
        checked.contents.reason = fmt::format("qemu-img check of {} finds errors: {}", link.path, reason_of(*run));
    }
}

}  // namespace

Result<ProcessRun> qemu_img(const std::vector<std::string>& words, Milliseconds limit)
{
    ProcessOrder order;
    order.words = {std::string(k_qemu_img)};
    order.words.insert(order.words.end(), words.begin(), words.end());
    order.limit = limit;
    order.environment = {"LC_ALL=C"};
    order.output_bytes_max = k_words_bytes_max;
    order.confined = true;
    order.own_group = false;
    return run_process(order, [] { return false; });
}

std::string reason_of(const ProcessRun& run)
{
    std::string line = last_line_of(run.complaints);
    if (line.starts_with("qemu-img: ")) {
        line.erase(0, std::string_view("qemu-img: ").size());
    }
    return harmless(line.empty() ? "qemu-img " + run.text() : line, k_reason_bytes_max);
}

CheckedImage check_image(const model::InspectedImage& image, Milliseconds limit)
{
    const Deadline deadline(limit);
    CheckedImage checked;
    checked.contents.disk = image.disk;
    checked.contents.state = State::inspected;
    checked.openable = true;
    std::vector<Link> chain;
    for (Link link{image.path, image.format}; !link.path.empty();) {
        chain.push_back(link);
        const auto head = head_of(link, deadline.left());
        if (!head) {
            const bool damaged = head.error().kind() == ErrorKind::failed;
            refuse(checked, damaged ? State::damaged : State::not_inspected, head.error().what());
            return checked;
        }
        if (chain.size() == 1) {
            checked.contents.capacity_bytes =
                static_cast<uint64_t>(std::max<int64_t>(0, integer_at(*head, "virtual-size", 0)));
        }
        if (chain.size() == k_links_max) {
            refuse(checked, State::not_inspected, "it stands on too many images");
        }
        if (!checked.openable || !follow(*head, checked, link)) {
            return checked;
        }
    }
    // Only now, for this opens all that the image stands on.
    for (const Link& link : chain) {
        check_tables(link, deadline, checked);
    }
    return checked;
}

}  // namespace vmferry::guestfs
