// What vmferry asks of this plugin: vmferry.inspect/1.

#pragma once

#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/model/inspection.hpp"

namespace vmferry::guestfs {

struct Request {
    std::vector<model::InspectedImage> images;
    Milliseconds limit{0};  ///< After it we are ended: answer before.
    bool kvm = false;
};

/// Kind `usage` when it is no request, or names an image without an absolute path and a format.
[[nodiscard]] Result<Request> parse_request(const std::string& text);

}  // namespace vmferry::guestfs
