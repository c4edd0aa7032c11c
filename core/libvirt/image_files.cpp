#include "core/libvirt/image_files.hpp"

#include <fstream>

#include "core/libvirt/directory.hpp"
#include "core/libvirt/image_stream.hpp"
#include "core/libvirt/images.hpp"
#include "core/libvirt/limits.hpp"
#include "core/libvirt/local_image.hpp"

namespace vmferry::libvirt {

Result<world::ImageFile> LibvirtImages::look(const std::string& path)
{
    return m_connection->ask(limits::k_storage, "looking at " + path,
                             [path](virConnectPtr raw) { return image_file_now(raw, path); });
}

bool LibvirtImages::seems_here(const std::string& path)
{
    const auto local = local_stamp(path);
    const auto there = local ? look(path) : fail(local.error());
    return there && there->stamp == *local;
}

bool LibvirtImages::holds_here(const std::string& path, const std::string& content)
{
    return bounded(limits::k_question,
                   [=]() -> Result<bool> {
                       std::ifstream file(path, std::ios::binary);
                       std::string found(content.size() + 1, '\0');
                       file.read(found.data(), static_cast<std::streamsize>(found.size()));
                       found.resize(static_cast<size_t>(file.gcount()));
                       return found == content;
                   })
        .value_or(false);
}

Result<std::unique_ptr<world::ImageReader>> LibvirtImages::read(const world::ImagePlace& place)
{
    if (!place.here) {
        return open_stream_reader(m_connection, place);
    }
    VMF_TRY_ASSIGN(const world::ImageFile file, look(place.path));
    return open_local_reader(place.path, file.stamp);
}

Result<std::unique_ptr<world::ImageWriter>> LibvirtImages::write(const world::ImagePlace& place, uint64_t length_bytes)
{
    if (!place.here) {
        return open_stream_writer(m_connection, place, length_bytes);
    }
    VMF_TRY_ASSIGN(const world::ImageFile file, look(place.path));
    return open_local_writer(place.path, file.stamp, length_bytes);
}

Result<> LibvirtImages::close(const world::ImagePlace& place)
{
    return m_connection->act(limits::k_storage, "closing " + place.path,
                             [pool = place.working_pool](virConnectPtr raw) { return close_directory(raw, pool); });
}

}  // namespace vmferry::libvirt
