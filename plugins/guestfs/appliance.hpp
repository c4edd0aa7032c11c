// libguestfs' appliance: a small VM that opens the images, so that what is hostile in them meets its kernel and not
// ours.
//
// - Images are never written to: each lies under a throw-away layer of ours, which takes what file systems write when
// they
//   are mounted. Not under libguestfs' own (its `readonly`): to that it names no format (1.48), so that QEMU looks what
//   the guest's disk begins with, takes a raw disk with the head of a qcow2 for one, and opens what that head names.
// - QEMU's locks stay on, other than with `readonly`: an image to which somebody writes makes the start fail.

#pragma once

#include <guestfs.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/handle.hpp"
#include "core/base/result.hpp"
#include "core/model/inspection.hpp"

namespace vmferry::guestfs {

using GuestfsHandle = Handle<guestfs_h, guestfs_close>;

/// The throw-away layers of one run; removed at the end of its life.
class Layers {
public:
    [[nodiscard]] static Result<Layers> make();
    Layers(Layers&& other) noexcept : m_directory(std::exchange(other.m_directory, {})), m_count(other.m_count) {}
    Layers& operator=(Layers&&) = delete;
    ~Layers();
    /// The path of a new layer over that image.
    [[nodiscard]] Result<std::string> over(const model::InspectedImage& image);

private:
    explicit Layers(std::string directory) : m_directory(std::move(directory)) {}

    std::string m_directory;
    int m_count = 0;
};

class Appliance {
public:
    /// Starts it with these images as its disks, in this order. Kind `failed`.
    [[nodiscard]] static Result<Appliance> start(const std::vector<model::InspectedImage>& images, bool kvm);

    [[nodiscard]] guestfs_h* handle() const { return m_handle.get(); }
    /// False once it has crashed, or its emulator was ended.
    [[nodiscard]] bool alive() const { return guestfs_is_ready(m_handle.get()) == 1; }
    /// The last error in one line, with devices by our names.
    [[nodiscard]] std::string last_error() const;
    /// "/dev/sda1" is "vda1", "/dev/vg0/root" is "vg0/root".
    [[nodiscard]] std::string name_of(const std::string& device) const;
    /// Its name for the disk of that index.
    [[nodiscard]] const std::string& device_of(size_t index) const { return m_devices[index]; }
    [[nodiscard]] size_t disks() const { return m_devices.size(); }

private:
    Appliance(Layers layers, GuestfsHandle handle, std::vector<std::string> names)
        : m_layers(std::move(layers)), m_handle(std::move(handle)), m_names(std::move(names))
    {
    }

    Layers m_layers;
    GuestfsHandle m_handle;
    std::vector<std::string> m_names;    ///< Ours: "vda".
    std::vector<std::string> m_devices;  ///< Its: "/dev/sda".
};

/// The texts of a list that libguestfs gave, which is freed; none for its "failed".
[[nodiscard]] std::vector<std::string> take_list(char** list);
/// The same of one text.
[[nodiscard]] std::string take_text(char* text);

}  // namespace vmferry::guestfs
