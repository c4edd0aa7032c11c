#include "core/libvirt/local_image.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "core/base/handle.hpp"
#include "core/base/path.hpp"
#include "core/libvirt/bounded.hpp"
#include "core/libvirt/limits.hpp"

namespace vmferry::libvirt {

namespace {

/// Each piece goes to another thread and back, which costs more than to read it when the machine is busy.
constexpr uint64_t k_piece_bytes = uint64_t{4} << 20;
/// How much is written before the kernel is told to begin with it.
constexpr uint64_t k_write_out_bytes = uint64_t{16} << 20;

tl::unexpected<Error> failed_file(const std::string& what)
{
    const int error = errno;
    const bool full = error == ENOSPC || error == EDQUOT;
    return fail(Error(error == ENOENT ? ErrorKind::not_found : ErrorKind::failed, what)
                    .with_cause(std::generic_category().message(error))
                    .with_next(full ? "make room there" : ""));
}

std::string moment(const timespec& time)
{
    std::string text = std::to_string(time.tv_sec);
    if (time.tv_nsec != 0) {
        char fraction[16];
        std::snprintf(fraction, sizeof fraction, ".%09ld", time.tv_nsec);
        text += fraction;
    }
    return text;
}

world::FileStamp stamp_of(const struct stat& file)
{
    return {static_cast<uint64_t>(file.st_size), moment(file.st_mtim), moment(file.st_ctim)};
}

/// An open file. Shared with the calls that are out.
struct Local {
    std::string path;
    Fd fd;
    uint64_t length = 0;
    uint64_t at = 0;
    uint64_t written_out = 0;
};
using State = std::shared_ptr<Local>;

Result<State> open_local(const std::string& path, const world::FileStamp& expected, int flags)
{
    Fd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) {
        return failed_file(path + " could not be opened");
    }
    struct stat file {};
    if (::fstat(fd.get(), &file) != 0) {
        return failed_file(path + " could not be looked at");
    }
    if (!S_ISREG(file.st_mode) || stamp_of(file) != expected) {
        return fail(ErrorKind::failed, path + " is not the file that its host sees any more");
    }
    return std::make_shared<Local>(Local{path, std::move(fd), expected.length_bytes});
}

/// How far the hole at `at` reaches; 0: there is none.
Result<uint64_t> hole_at(const Local& file)
{
    const off_t data = ::lseek(file.fd.get(), static_cast<off_t>(file.at), SEEK_DATA);
    if (data >= 0) {
        return static_cast<uint64_t>(data) - file.at;
    }
    if (errno == ENXIO) {
        return file.length - file.at;
    }
    // A file system that knows nothing of holes.
    return errno == EINVAL || errno == EOPNOTSUPP ? Result<uint64_t>(0) : failed_file(file.path + " could not be read");
}

/// To the next hole, and not more than a piece.
uint64_t data_at(const Local& file)
{
    const uint64_t most = std::min(k_piece_bytes, file.length - file.at);
    const off_t end = ::lseek(file.fd.get(), static_cast<off_t>(file.at), SEEK_HOLE);
    return end > static_cast<off_t>(file.at) ? std::min(most, static_cast<uint64_t>(end) - file.at) : most;
}

Result<world::ImagePiece> read_next(Local& file)
{
    if (file.at >= file.length) {
        return world::ImagePiece{};
    }
    VMF_TRY_ASSIGN(const uint64_t hole, hole_at(file));
    if (hole > 0) {
        const uint64_t piece = std::min(hole, file.length - file.at);
        file.at += piece;
        return world::ImagePiece{nullptr, piece};
    }
    const uint64_t wanted = data_at(file);
    const auto bytes = std::make_shared_for_overwrite<char[]>(wanted);
    const ssize_t count = ::pread(file.fd.get(), bytes.get(), wanted, static_cast<off_t>(file.at));
    if (count < 0) {
        return failed_file(file.path + " could not be read");
    }
    if (count == 0) {
        return fail(ErrorKind::failed, file.path + " became shorter while it was read");
    }
    file.at += static_cast<uint64_t>(count);
    return world::ImagePiece{bytes, static_cast<uint64_t>(count)};
}

Result<> write_next(Local& file, const world::ImagePiece& piece)
{
    uint64_t written = piece.bytes ? 0 : piece.length;
    while (written < piece.length) {
        const ssize_t count = ::pwrite(file.fd.get(), piece.bytes.get() + written, piece.length - written,
                                       static_cast<off_t>(file.at + written));
        if (count < 0) {
            return failed_file(file.path + " could not be written");
        }
        written += static_cast<uint64_t>(count);
    }
    file.at += piece.length;
    if (file.at - file.written_out >= k_write_out_bytes) {
        ::sync_file_range(file.fd.get(), static_cast<off_t>(file.written_out),
                          static_cast<off_t>(file.at - file.written_out), SYNC_FILE_RANGE_WRITE);
        file.written_out = file.at;
    }
    return {};
}

/// The file and its name.
Result<bool> sync_all(const Local& file)
{
    if (::fdatasync(file.fd.get()) != 0) {
        return failed_file(file.path + " could not be written to its disk");
    }
    const Fd directory(::open(directory_of(file.path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.get()) != 0) {
        return failed_file("the name of " + file.path + " could not be written to its disk");
    }
    return true;
}

class LocalReader final : public world::ImageReader {
public:
    explicit LocalReader(State file) : m_file(std::move(file)) {}
    Result<world::ImagePiece> next() override
    {
        return bounded(limits::k_piece, [file = m_file] { return read_next(*file); });
    }

private:
    State m_file;
};

class LocalWriter final : public world::ImageWriter {
public:
    explicit LocalWriter(State file) : m_file(std::move(file)) {}
    Result<> put(const world::ImagePiece& piece) override
    {
        return bounded(limits::k_piece, [file = m_file, piece] { return write_next(*file, piece); });
    }
    Result<> finish() override
    {
        return m_file->at == m_file->length ? Result<>{}
                                            : fail(ErrorKind::failed, m_file->path + " was not written to its end");
    }
    Result<bool> sync() override
    {
        return bounded(limits::k_write_out, [file = m_file] { return sync_all(*file); });
    }

private:
    State m_file;
};

}  // namespace

Result<world::FileStamp> local_stamp(const std::string& path)
{
    return bounded(limits::k_question, [path]() -> Result<world::FileStamp> {
        struct stat file {};
        if (::lstat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode)) {
            return fail(ErrorKind::not_found, "there is no file " + path);
        }
        return stamp_of(file);
    });
}

Result<std::unique_ptr<world::ImageReader>> open_local_reader(const std::string& path, const world::FileStamp& expected)
{
    VMF_TRY_ASSIGN(State file, bounded(limits::k_storage, [=] { return open_local(path, expected, O_RDONLY); }));
    ::posix_fadvise(file->fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return std::make_unique<LocalReader>(std::move(file));
}

Result<std::unique_ptr<world::ImageWriter>> open_local_writer(const std::string& path, const world::FileStamp& expected,
                                                              uint64_t length_bytes)
{
    VMF_TRY_ASSIGN(State file, bounded(limits::k_storage, [=]() -> Result<State> {
                       VMF_TRY_ASSIGN(State open, open_local(path, expected, O_WRONLY));
                       // What was made there with the file is gone: holes are holes.
                       if (::ftruncate(open->fd.get(), 0) != 0 ||
                           ::ftruncate(open->fd.get(), static_cast<off_t>(length_bytes)) != 0) {
                           return failed_file(path + " could not get its length");
                       }
                       open->length = length_bytes;
                       return open;
                   }));
    return std::make_unique<LocalWriter>(std::move(file));
}

}  // namespace vmferry::libvirt
