#include "core/base/trusted_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace vmferry {

std::string why_not_trusted(const std::string& path)
{
    struct stat seen {};
    if (::stat(path.c_str(), &seen) != 0) {
        return "cannot be looked at";
    }
    if (seen.st_uid != 0 && seen.st_uid != ::geteuid()) {
        return "belongs to neither root nor the user who runs vmferry";
    }
    return (seen.st_mode & (S_IWGRP | S_IWOTH)) != 0 ? "may be changed by others than its owner" : "";
}

}  // namespace vmferry
