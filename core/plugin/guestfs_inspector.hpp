// Looks into images by the plugin "guestfs".

#pragma once

#include "core/plugin/plugin.hpp"
#include "core/world/image_inspector.hpp"

namespace vmferry::plugin {

class GuestfsInspector final : public world::ImageInspector {
public:
    struct Settings {
        std::string directory;  ///< Of plugins.
        Milliseconds limit{0};  ///< For one look at all images.
        bool kvm = false;       ///< Its emulator may use KVM; a /dev/kvm that is there need not work.
    };
    GuestfsInspector(Settings settings, std::function<bool()> stop)
        : m_settings(std::move(settings)), m_stop(std::move(stop))
    {
    }

    [[nodiscard]] Result<model::Inspection> inspect(const std::vector<model::InspectedImage>& images) override;
    [[nodiscard]] std::optional<std::string> beginning_of(const std::string& path) override;
    [[nodiscard]] bool is_block_device(const std::string& path) override;
    [[nodiscard]] std::string host_name() override;

private:
    Settings m_settings;
    std::function<bool()> m_stop;
};

}  // namespace vmferry::plugin
