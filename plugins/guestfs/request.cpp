#include "plugins/guestfs/request.hpp"

#include <fmt/format.h>

#include "core/base/json_at.hpp"

namespace vmferry::guestfs {

namespace {

/// An appliance takes no more drives.
constexpr size_t k_images_max = 200;
constexpr int64_t k_limit_ms_by_default = 600000;

Result<model::InspectedImage> image_from_json(const Json& json)
{
    model::InspectedImage image{text_at(json, "disk"), text_at(json, "path"), text_at(json, "format")};
    if (image.disk.empty() || !image.path.starts_with('/')) {
        return fail(ErrorKind::usage, "an image needs 'disk', and an absolute 'path'");
    }
    if (image.format != "raw" && image.format != "qcow2") {
        return fail(ErrorKind::usage, fmt::format("the 'format' of {} must be \"raw\" or \"qcow2\"", image.disk));
    }
    return image;
}

}  // namespace

Result<Request> parse_request(const std::string& text)
{
    VMF_TRY_ASSIGN(const Json json, parse_json(text));
    if (text_at(json, "schema") != model::k_inspection_request_schema) {
        return fail(ErrorKind::usage, fmt::format("'schema' must be \"{}\"", model::k_inspection_request_schema));
    }
    Request request;
    request.limit = Milliseconds(integer_at(json, "limit_ms", k_limit_ms_by_default));
    request.kvm = flag_at(json, "kvm");
    const auto images = json.find("images");
    if (images == json.end() || !images->is_array() || images->empty() || images->size() > k_images_max) {
        return fail(ErrorKind::usage, fmt::format("'images' must be a list of 1 to {} images", k_images_max));
    }
    for (const Json& one : *images) {
        VMF_TRY_ASSIGN(model::InspectedImage image, image_from_json(one));
        request.images.push_back(std::move(image));
    }
    return request;
}

}  // namespace vmferry::guestfs
