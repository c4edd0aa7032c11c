// Content of image files: through this machine where it was proved to see them, else through their daemon.

#pragma once

#include <memory>

#include "core/libvirt/connection.hpp"
#include "core/world/images.hpp"

namespace vmferry::libvirt {

class LibvirtImages : public world::Images {
public:
    explicit LibvirtImages(std::shared_ptr<Connection> connection) : m_connection(std::move(connection)) {}

    [[nodiscard]] Result<world::ImageFile> look(const std::string& path) override;
    [[nodiscard]] bool seems_here(const std::string& path) override;
    [[nodiscard]] bool holds_here(const std::string& path, const std::string& content) override;
    [[nodiscard]] Result<std::unique_ptr<world::ImageReader>> read(const world::ImagePlace& place) override;
    [[nodiscard]] Result<std::unique_ptr<world::ImageWriter>> write(const world::ImagePlace& place,
                                                                    uint64_t length_bytes) override;
    [[nodiscard]] Result<> close(const world::ImagePlace& place) override;

private:
    std::shared_ptr<Connection> m_connection;
};

}  // namespace vmferry::libvirt
