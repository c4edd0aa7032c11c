// Creation of a journal: built in memory, written beside its place, synced, then linked to its name.
// So there is never a half-made journal, an empty one is always a damaged one, and of two processes
// that create it at once the second finds the first one's.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

#include "core/base/handle.hpp"
#include "journal/place.hpp"
#include "journal/schema.hpp"
#include "journal/sqlite.hpp"

namespace vmferry::journal {

namespace {

Error cannot_create(const std::string& path, int error)
{
    return Error(ErrorKind::journal, "the journal cannot be created: " + path)
        .with_cause(std::strerror(error))
        .with_next("check who may write there and whether there is room: ls -ld, df -h");
}

Result<> sync_directory(const std::string& path)
{
    const Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.get()) != 0) {
        return fail(cannot_create(path, errno));
    }
    return {};
}

/// Like mkdir -p; the last one gets `mode`, whatever the umask says.
Result<> make_directory(const std::filesystem::path& path, mode_t mode)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        return {};
    }
    constexpr mode_t k_ancestor_mode = 0755;
    VMF_TRY(make_directory(path.parent_path(), k_ancestor_mode));
    if (::mkdir(path.c_str(), mode) == 0) {
        if (::chmod(path.c_str(), mode) != 0) {
            return fail(cannot_create(path.string(), errno));
        }
    } else if (errno != EEXIST) {
        return fail(cannot_create(path.string(), errno));
    }
    return sync_directory(path.parent_path().string());
}

Result<> write_synced(int fd, std::string_view bytes, const std::string& path)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return fail(cannot_create(path, errno));
        }
        bytes.remove_prefix(static_cast<size_t>(written));
    }
    constexpr mode_t k_mode = 0660;
    if (::fchmod(fd, k_mode) != 0 || ::fsync(fd) != 0) {
        return fail(cannot_create(path, errno));
    }
    return {};
}

using Image = std::unique_ptr<unsigned char, HandleDeleter<sqlite3_free>>;

Result<> link_image(const Place& place, std::string_view bytes, const std::string& draft)
{
    {
        const Fd fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!fd) {
            return fail(cannot_create(draft, errno));
        }
        VMF_TRY(write_synced(fd.get(), bytes, draft));
        // Closed before it has its name: a close would drop the locks of another thread's connection.
    }
    if (::link(draft.c_str(), place.path.c_str()) != 0 && errno != EEXIST) {
        return fail(cannot_create(place.path, errno));
    }
    return {};
}

}  // namespace

Result<> create(const Place& place)
{
    constexpr mode_t k_directory_mode = 02770;
    VMF_TRY(make_directory(place.directory, k_directory_mode));

    VMF_TRY_ASSIGN(const auto memory, Database::open(":memory:"));
    VMF_TRY(create_schema(*memory));
    sqlite3_int64 size = 0;
    const Image image(sqlite3_serialize(memory->handle(), "main", &size, 0));
    if (!image) {
        return fail(cannot_create(place.path, ENOMEM));
    }
    const std::string_view bytes(reinterpret_cast<const char*>(image.get()), static_cast<size_t>(size));

    const std::string draft = place.path + ".new." + std::to_string(::gettid());
    ::unlink(draft.c_str());  // Left by a process of our number that died here.
    const auto linked = link_image(place, bytes, draft);
    ::unlink(draft.c_str());
    VMF_TRY(linked);
    return sync_directory(place.directory);
}

}  // namespace vmferry::journal
