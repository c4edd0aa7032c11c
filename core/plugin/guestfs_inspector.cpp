#include "core/plugin/guestfs_inspector.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace vmferry::plugin {

namespace {

constexpr size_t k_beginning_bytes = 4096;
constexpr std::string_view k_how_to_install =
    "install the package vmferry-plugin-guestfs, or build vmferry where libguestfs-dev is installed";

Json request_of(const std::vector<model::InspectedImage>& images, Milliseconds limit, bool kvm)
{
    Json list = Json::array();
    for (const model::InspectedImage& one : images) {
        list.push_back({{"disk", one.disk}, {"path", one.path}, {"format", one.format}});
    }
    return {{"schema", model::k_inspection_request_schema},
            {"images", std::move(list)},
            {"limit_ms", limit.count()},
            {"kvm", kvm}};
}

}  // namespace

Result<model::Inspection> GuestfsInspector::inspect(const std::vector<model::InspectedImage>& images)
{
    auto plugin = find_plugin(m_settings.directory, "guestfs");
    if (!plugin) {
        const bool missing = plugin.error().kind() == ErrorKind::not_found;
        return missing ? fail(Error(plugin.error()).with_next(std::string(k_how_to_install)))
                       : fail(std::move(plugin).error());
    }
    VMF_TRY_ASSIGN(const Json answer, call_plugin(*plugin, request_of(images, m_settings.limit, m_settings.kvm),
                                                  m_settings.limit, m_stop));
    auto inspection = model::inspection_from_json(answer);
    if (!inspection) {
        return fail(Error(ErrorKind::failed, "the answer of the plugin guestfs cannot be used")
                        .with_cause(inspection.error().what())
                        .with_next("install plugin and vmferry of one version"));
    }
    return inspection;
}

std::optional<std::string> GuestfsInspector::beginning_of(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string text(k_beginning_bytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file && !file.eof()) {
        return std::nullopt;
    }
    text.resize(static_cast<size_t>(file.gcount()));
    return text;
}

bool GuestfsInspector::is_block_device(const std::string& path)
{
    std::error_code error;
    return std::filesystem::is_block_file(path, error);
}

std::string GuestfsInspector::host_name()
{
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        return {};
    }
    const std::string own(name.data());
    return own.starts_with("localhost") ? std::string() : own;
}

}  // namespace vmferry::plugin
