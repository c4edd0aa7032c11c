#include "cli/lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

namespace vmferry::cli {

namespace {

constexpr Milliseconds k_retry_pause{50};

Result<> make_directory(const std::string& directory)
{
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) {
        return fail(Error(ErrorKind::failed, fmt::format("the lock directory {} cannot be made", directory))
                        .with_cause(error.message())
                        .with_next("set lock_dir in [journal] of the configuration to a directory that you may write"));
    }
    return {};
}

/// The file stays when the lock goes: removing it would let two processes lock two files of one name.
Result<Fd> open_file(const std::string& path)
{
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660));
    if (!file) {
        return fail(Error(ErrorKind::failed, fmt::format("the lock file {} cannot be opened", path))
                        .with_cause(std::strerror(errno))
                        .with_next(fmt::format("ls -l {}", path)));
    }
    return file;
}

std::string read_holder(int file)
{
    std::array<char, 200> text{};
    const ssize_t length = ::pread(file, text.data(), text.size() - 1, 0);
    const std::string holder(text.data(), length > 0 ? static_cast<size_t>(length) : 0);
    return holder.empty() ? "a vmferry that has just started" : holder.substr(0, holder.find('\n'));
}

}  // namespace

Result<VmLock> VmLock::take(const std::string& directory, const Uuid& vm, const std::string& vm_name,
                            Milliseconds patience)
{
    VMF_TRY(make_directory(directory));
    VMF_TRY_ASSIGN(Fd file, open_file(fmt::format("{}/{}.lock", directory, vm.str())));
    const Deadline deadline(patience);
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return fail(
                Error(ErrorKind::failed, fmt::format("{} cannot be locked", vm_name)).with_cause(std::strerror(errno)));
        }
        if (deadline.over()) {
            return fail(
                Error(ErrorKind::busy, fmt::format("another vmferry works on {}: {}", vm_name, read_holder(file.get())))
                    .with_next("vmferry status"));
        }
        std::this_thread::sleep_for(k_retry_pause);
    }
    VmLock lock(std::move(file));
    lock.describe("nothing yet");
    return lock;
}

void VmLock::describe(const std::string& what) const
{
    const std::string text = fmt::format("pid {}, {}\n", ::getpid(), what);
    if (::ftruncate(m_file.get(), 0) == 0) {
        static_cast<void>(::pwrite(m_file.get(), text.data(), text.size(), 0) < 0);
    }
}

}  // namespace vmferry::cli
