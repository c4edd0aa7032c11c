#include "journal/place.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "journal/file_system.hpp"

namespace vmferry::journal {

namespace {

namespace fs = std::filesystem;

Error refuse(std::string what, std::string next)
{
    return Error(ErrorKind::journal, std::move(what)).with_next(std::move(next));
}

const char* const k_elsewhere = "give another path: --journal FILE, or VMFERRY_JOURNAL=FILE";

Result<> admit_access(const std::string& path, int mode)
{
    if (::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0) {
        return {};
    }
    const int error = errno;
    if (error == EROFS) {
        return fail(refuse("the journal cannot be written: the file system of " + path + " is read-only", k_elsewhere)
                        .with_cause(std::strerror(error)));
    }
    return fail(
        refuse("the journal cannot be opened: user " + std::to_string(::geteuid()) + " has no permission for " + path,
               "use sudo, or join the group that owns it: ls -ld " + path)
            .with_cause(std::strerror(error)));
}

/// The nearest directory that exists; the root always does.
std::string existing_ancestor(const std::string& directory)
{
    fs::path path(directory);
    std::error_code ignored;
    while (!fs::exists(path, ignored) && path.has_relative_path()) {
        path = path.parent_path();
    }
    return path.string();
}

/// A path at which there is something: can it be a journal at all?
Result<Place> admit_file(const struct stat& status, const Place& place)
{
    if (!S_ISREG(status.st_mode)) {
        const std::string what = S_ISDIR(status.st_mode) ? " is a directory" : " is not a regular file";
        return fail(refuse("the journal cannot be opened: " + place.path + what, k_elsewhere));
    }
    if (status.st_size == 0) {
        return fail(refuse(place.path + " is empty: a journal never is, so it was cut or is not one",
                           "if no move can be open, remove the file; else settle from the hosts: "
                           "vmferry rollback --from-hosts HOST..."));
    }
    return place;
}

}  // namespace

Result<Place> look_at(const std::string& path)
{
    std::error_code problem;
    fs::path absolute = fs::absolute(path, problem);
    if (!problem) {
        absolute = fs::weakly_canonical(absolute, problem);
    }
    Place place{absolute.string(), absolute.parent_path().string(), false};
    struct stat status = {};
    if (!problem && ::stat(place.path.c_str(), &status) != 0) {
        problem = std::error_code(errno, std::generic_category());
    }
    if (problem == std::errc::no_such_file_or_directory && !path.empty()) {
        return place;
    }
    if (problem) {
        return fail(refuse("the journal cannot be looked at: " + path, "use sudo, or give another path: --journal FILE")
                        .with_cause(problem.message()));
    }
    place.exists = true;
    return admit_file(status, place);
}

Result<> admit_reading(const Place& place) { return admit_access(place.path, R_OK); }

Result<> admit_place(const Place& place)
{
    const std::string directory = place.exists ? place.directory : existing_ancestor(place.directory);
    VMF_TRY_ASSIGN(const FileSystem system, file_system_of(place.exists ? place.path : directory));
    VMF_TRY(admit_file_system(system, place.path));
    // SQLite puts its rollback journal beside the file, so the directory must be writable as well.
    VMF_TRY(admit_access(directory, W_OK | X_OK));
    if (place.exists) {
        VMF_TRY(admit_access(place.path, R_OK | W_OK));
    }
    return admit_free_room(directory);
}

}  // namespace vmferry::journal
