#include "plugins/guestfs/appliance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/base/foreign_text.hpp"
#include "plugins/guestfs/image_chain.hpp"

namespace vmferry::guestfs {

namespace {

/// Checkers need memory in proportion to the file system.
constexpr int k_memory_mib = 1024;
constexpr size_t k_error_bytes_max = 300;
constexpr Milliseconds k_layer_limit{60000};

/// The appliance is built once for each user and kernel; TMPDIR, which is ours for this run only, is no place for it.
constexpr const char* k_cache_directory = "/var/tmp";

bool configure(guestfs_h* handle, bool kvm)
{
    // Errors are told in the answer, and not by a stranger on stderr.
    guestfs_set_error_handler(handle, nullptr, nullptr);
    return guestfs_set_backend(handle, "direct") == 0 &&
           (kvm || guestfs_set_backend_setting(handle, "force_tcg", "1") == 0) &&
           guestfs_set_memsize(handle, k_memory_mib) == 0 && guestfs_set_network(handle, 0) == 0 &&
           guestfs_set_cachedir(handle, k_cache_directory) == 0;
}

bool add(guestfs_h* handle, const std::string& layer)
{
    // Nobody needs the layer after a crash.
    return guestfs_add_drive_opts(handle, layer.c_str(), GUESTFS_ADD_DRIVE_OPTS_FORMAT, "qcow2",
                                  GUESTFS_ADD_DRIVE_OPTS_CACHEMODE, "unsafe", -1) == 0;
}

std::string error_of(guestfs_h* handle)
{
    const char* said = guestfs_last_error(handle);
    std::string line = said == nullptr ? "no reason was given" : said;
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) {
        line.pop_back();
    }
    for (size_t end = line.find('\n'); end != std::string::npos; end = line.find('\n', end)) {
        line.replace(end, 1, "; ");
    }
    return line;
}

bool is_number(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char one) { return std::isdigit(static_cast<unsigned char>(one)) != 0; });
}

}  // namespace

Result<Layers> Layers::make()
{
    const char* base = std::getenv("TMPDIR");
    std::string directory = std::string(base == nullptr ? "/tmp" : base) + "/layers-XXXXXX";
    if (::mkdtemp(directory.data()) == nullptr) {
        return fail(ErrorKind::failed, fmt::format("{} could not be made: {}", directory, std::strerror(errno)));
    }
    return Layers(std::move(directory));
}

Layers::~Layers()
{
    std::error_code error;
    if (!m_directory.empty()) {
        std::filesystem::remove_all(m_directory, error);
    }
}

Result<std::string> Layers::over(const model::InspectedImage& image)
{
    std::string layer = fmt::format("{}/{}.qcow2", m_directory, m_count++);
    VMF_TRY_ASSIGN(
        const ProcessRun run,
        qemu_img({"create", "-q", "-f", "qcow2", "-b", image.path, "-F", image.format, layer}, k_layer_limit));
    if (!run.good()) {
        return fail(ErrorKind::failed, fmt::format("no layer could be made over {}: {}", image.path, reason_of(run)));
    }
    return layer;
}

Result<Appliance> Appliance::start(const std::vector<model::InspectedImage>& images, bool kvm)
{
    VMF_TRY_ASSIGN(Layers layers, Layers::make());
    GuestfsHandle handle(guestfs_create());
    if (!handle) {
        return fail(ErrorKind::failed, "libguestfs gave no handle");
    }
    bool done = configure(handle.get(), kvm);
    std::vector<std::string> names;
    for (const model::InspectedImage& one : images) {
        VMF_TRY_ASSIGN(const std::string layer, layers.over(one));
        done = done && add(handle.get(), layer);
        names.push_back(one.disk);
    }
    if (!done || guestfs_launch(handle.get()) != 0) {
        return fail(ErrorKind::failed, harmless(error_of(handle.get()), k_error_bytes_max));
    }
    Appliance appliance(std::move(layers), std::move(handle), std::move(names));
    appliance.m_devices = take_list(guestfs_list_devices(appliance.handle()));
    if (appliance.m_devices.size() != images.size()) {
        return fail(ErrorKind::failed, fmt::format("the appliance shows {} disks instead of {}",
                                                   appliance.m_devices.size(), images.size()));
    }
    return appliance;
}

std::string Appliance::last_error() const
{
    std::string line = error_of(handle());
    for (size_t i = 0; i < m_devices.size(); ++i) {
        for (size_t at = line.find(m_devices[i]); at != std::string::npos; at = line.find(m_devices[i], at)) {
            line.replace(at, m_devices[i].size(), m_names[i]);
            at += m_names[i].size();
        }
    }
    return harmless(line, k_error_bytes_max);
}

std::string Appliance::name_of(const std::string& device) const
{
    for (size_t i = 0; i < m_devices.size(); ++i) {
        const std::string& disk = m_devices[i];
        if (device == disk) {
            return m_names[i];
        }
        if (device.starts_with(disk) && is_number(device.substr(disk.size()))) {
            return m_names[i] + device.substr(disk.size());
        }
    }
    return device.starts_with("/dev/") ? device.substr(std::string_view("/dev/").size()) : device;
}

std::vector<std::string> take_list(char** list)
{
    std::vector<std::string> texts;
    for (char** one = list; one != nullptr && *one != nullptr; ++one) {
        texts.emplace_back(*one);
        ::free(*one);
    }
    ::free(list);
    return texts;
}

std::string take_text(char* text)
{
    std::string taken = text == nullptr ? "" : text;
    ::free(text);
    return taken;
}

}  // namespace vmferry::guestfs
