#include "core/libvirt/device_xml.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <utility>

namespace vmferry::libvirt {

namespace {

using model::DiskKind;
using model::NicKind;
using xml::Element;

constexpr std::array k_disk_kinds{
    std::pair{"file", DiskKind::file},     std::pair{"block", DiskKind::block},
    std::pair{"dir", DiskKind::directory}, std::pair{"network", DiskKind::network},
    std::pair{"volume", DiskKind::volume},
};

constexpr std::array k_nic_kinds{
    std::pair{"bridge", NicKind::bridge},       std::pair{"network", NicKind::network},
    std::pair{"direct", NicKind::direct},       std::pair{"user", NicKind::user},
    std::pair{"vhostuser", NicKind::vhostuser}, std::pair{"hostdev", NicKind::hostdev},
    std::pair{"ethernet", NicKind::ethernet},   std::pair{"vdpa", NicKind::vdpa},
};

template <typename Table, typename Kind>
Kind kind_of(const Table& table, const std::string& name, Kind otherwise)
{
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& entry) { return name == entry.first; });
    return found == table.end() ? otherwise : found->second;
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return text;
}

std::string first_of(const Element& element, std::initializer_list<const char*> attributes)
{
    for (const char* name : attributes) {
        if (std::string value = element.attribute(name); !value.empty()) {
            return value;
        }
    }
    return {};
}

/// "protocol://host:port/name"; the first host where there are several.
std::string network_source(const Element& source)
{
    const Element host = source.child("host");
    std::string text = source.attribute("protocol") + "://" + host.attribute("name");
    if (const std::string port = host.attribute("port"); !port.empty()) {
        text += ":" + port;
    }
    if (const std::string socket = host.attribute("socket"); !socket.empty()) {
        text += socket;
    }
    return text + "/" + source.attribute("name");
}

std::string source_of(DiskKind kind, const Element& source)
{
    if (!source) {
        return {};
    }
    switch (kind) {
    case DiskKind::network: return network_source(source);
    case DiskKind::volume:
        return source.has_attribute("volume") ? source.attribute("pool") + "/" + source.attribute("volume") : "";
    default: return first_of(source, {"file", "dev", "dir", "path", "type"});
    }
}

/// PCI: "0000:01:00.0"; USB: "1d6b:0002" or "bus.device"; else what names it.
std::string hostdev_source(const Element& source)
{
    const Element address = source.child("address");
    if (address.has_attribute("slot")) {
        const auto digits = [&](const char* name) {
            const std::string value = address.attribute(name);
            return value.starts_with("0x") ? value.substr(2) : value;
        };
        return digits("domain") + ":" + digits("bus") + ":" + digits("slot") + "." + digits("function");
    }
    if (const Element vendor = source.child("vendor")) {
        return vendor.attribute("id") + ":" + source.child("product").attribute("id");
    }
    if (address) {
        return first_of(address, {"uuid", "bus"}) +
               (address.has_attribute("device") ? "." + address.attribute("device") : "");
    }
    return first_of(source, {"wwpn", "dev", "name"}) + source.child("adapter").attribute("name");
}

void add(std::vector<model::Device>& all, const Element& element, std::string detail, std::string source)
{
    all.push_back({element.name(), std::move(detail), std::move(source)});
}

void read_device(std::vector<model::Device>& all, const Element& device)
{
    const std::string name = device.name();
    const Element source = device.child("source");
    if (name == "hostdev") {
        add(all, device, device.attribute("type"), hostdev_source(source));
    } else if (name == "filesystem") {
        const std::string driver = device.child("driver").attribute("type");
        add(all, device, driver.empty() ? device.attribute("type") : driver,
            first_of(source, {"dir", "file", "name", "dev", "socket", "pool", "usage"}));
    } else if (name == "shmem") {
        add(all, device, device.child("model").attribute("type") + " " + device.attribute("role"),
            device.attribute("name"));
    } else if (name == "tpm") {
        const Element backend = device.child("backend");
        const std::string version = backend.attribute("version");
        add(all, device, backend.attribute("type") + (version.empty() ? "" : " " + version),
            backend.child("encryption").attribute("secret") + backend.child("device").attribute("path"));
    } else if (name == "redirdev" || name == "smartcard") {
        add(all, device, first_of(device, {"type", "mode"}), {});
    } else if (name == "memory") {
        add(all, device, device.attribute("model"), source.child("path").text());
    } else if (name == "lease") {
        add(all, device, device.child("lockspace").text(), device.child("target").attribute("path"));
    } else if (name == "vsock") {
        add(all, device, "cid " + device.child("cid").attribute("address"), {});
    } else if (name == "rng") {
        const Element backend = device.child("backend");
        add(all, device, backend.attribute("model"), backend.text());
    } else if (name == "serial" || name == "parallel" || name == "channel" || name == "console") {
        add(all, device, device.attribute("type"), first_of(source, {"path", "host", "channel", "service"}));
    }
}

void add_graphics_ports(std::vector<std::string>& all, const Element& graphics)
{
    const std::string type = graphics.attribute("type");
    if (graphics.attribute("autoport") == "yes") {
        return;
    }
    for (const char* name : {"port", "tlsPort", "websocket"}) {
        const std::string port = graphics.attribute(name);
        if (!port.empty() && port != "-1" && port != "0") {
            all.push_back(type + " " + port);
        }
    }
}

void add_listening_port(std::vector<std::string>& all, const Element& device)
{
    const std::string type = device.attribute("type");
    for (const Element& source : device.children("source")) {
        const bool listens = type == "udp" ? source.attribute("mode") == "bind"
                                           : source.attribute("mode") == "bind" && source.has_attribute("service");
        if ((type == "tcp" || type == "udp") && listens) {
            all.push_back(device.name() + " " + type + " " + source.attribute("host") + ":" +
                          source.attribute("service"));
        }
    }
}

}  // namespace

model::Disk read_disk(const Element& disk)
{
    model::Disk read;
    const Element source = disk.child("source");
    const Element driver = disk.child("driver");
    read.target = disk.child("target").attribute("dev");
    read.device = disk.has_attribute("device") ? disk.attribute("device") : "disk";
    read.kind = kind_of(k_disk_kinds, disk.attribute("type"), DiskKind::other);
    read.source = source_of(read.kind, source);
    read.format = driver.attribute("type");
    read.cache = driver.attribute("cache");
    read.read_only = static_cast<bool>(disk.child("readonly"));
    read.shareable = static_cast<bool>(disk.child("shareable"));
    read.transient = static_cast<bool>(disk.child("transient"));
    read.encrypted = disk.child("encryption") || source.child("encryption");
    read.protocol = source.attribute("protocol");
    read.startup_policy = source.attribute("startupPolicy");
    const Element backing = disk.child("backingStore");
    read.backing =
        source_of(kind_of(k_disk_kinds, backing.attribute("type"), DiskKind::other), backing.child("source"));
    read.backing_format = backing.child("format").attribute("type");
    return read;
}

model::Nic read_nic(const Element& interface)
{
    model::Nic read;
    const Element source = interface.child("source");
    read.mac = lower(interface.child("mac").attribute("address"));
    read.kind = kind_of(k_nic_kinds, interface.attribute("type"), NicKind::other);
    switch (read.kind) {
    case NicKind::hostdev: read.source = hostdev_source(source); break;
    case NicKind::ethernet: read.source = interface.child("target").attribute("dev"); break;
    case NicKind::network: read.source = source.attribute("network"); break;
    default: read.source = first_of(source, {"bridge", "dev", "path", "network"}); break;
    }
    read.filter = interface.child("filterref").attribute("filter");
    read.model = interface.child("model").attribute("type");
    return read;
}

std::vector<model::Device> read_devices(const xml::Document& definition)
{
    std::vector<model::Device> all;
    for (const Element& device : definition.elements("/domain/devices/*")) {
        read_device(all, device);
    }
    for (const Element& extra : definition.elements("/domain/*[local-name()='commandline']")) {
        std::string arguments;
        for (const Element& argument : extra.children("arg")) {
            arguments += (arguments.empty() ? "" : " ") + argument.attribute("value");
        }
        add(all, extra, arguments, {});
    }
    return all;
}

std::vector<std::string> read_fixed_ports(const xml::Document& definition)
{
    std::vector<std::string> all;
    for (const Element& graphics : definition.elements("/domain/devices/graphics")) {
        add_graphics_ports(all, graphics);
    }
    for (const Element& device : definition.elements("/domain/devices/*[self::serial or self::parallel or "
                                                     "self::channel or self::console]")) {
        add_listening_port(all, device);
    }
    // The first console is the serial line by another name.
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

}  // namespace vmferry::libvirt
