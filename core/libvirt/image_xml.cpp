#include "core/libvirt/image_xml.hpp"

#include <algorithm>

#include "core/base/path.hpp"
#include "core/libvirt/device_xml.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

const xmlChar* as_xml(const std::string& text) { return reinterpret_cast<const xmlChar*>(text.c_str()); }

void set(const xml::Element& element, const char* name, const std::string& value)
{
    xmlSetProp(element.node(), as_xml(name), as_xml(value));
}

void remove_children(const xml::Element& element, const char* name)
{
    for (const xml::Element& child : element.children(name)) {
        xmlUnlinkNode(child.node());
        xmlFreeNode(child.node());
    }
}

Result<std::vector<xml::Element>> disks_of(const xml::Document& document)
{
    if (document.root().name() != "domain") {
        return fail(ErrorKind::failed, "the XML is not the definition of a domain");
    }
    return document.elements("/domain/devices/disk");
}

void read_copy(const xml::Element& disk, world::DiskState& state)
{
    const xml::Element mirror = disk.child("mirror");
    if (!mirror || mirror.attribute("job") != "copy") {
        return;
    }
    const std::string file = mirror.child("source").attribute("file");
    // A copy to something that is not a file is not ours, but it is one.
    state.copy = !file.empty() ? file : mirror.has_attribute("file") ? mirror.attribute("file") : "?";
    const std::string ready = mirror.attribute("ready");
    state.copy_ready = ready == "yes";
    state.copy_ending = ready == "pivot" || ready == "abort";
}

world::DiskState& state_of_target(std::vector<world::DiskState>& states, const std::string& target)
{
    const auto found =
        std::find_if(states.begin(), states.end(), [&](const auto& one) { return one.target == target; });
    if (found != states.end()) {
        return *found;
    }
    states.emplace_back().target = target;
    return states.back();
}

}  // namespace

Result<std::vector<world::DiskState>> read_disk_states(const std::string& live, const std::string& inactive)
{
    std::vector<world::DiskState> states;
    for (const std::string* definition : {&live, &inactive}) {
        if (definition->empty()) {
            continue;
        }
        VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(*definition));
        VMF_TRY_ASSIGN(const auto disks, disks_of(document));
        for (const xml::Element& disk : disks) {
            const model::Disk read = read_disk(disk);
            if (read.source.empty()) {
                continue;
            }
            world::DiskState& state = state_of_target(states, read.target);
            (definition == &live ? state.live : state.inactive) = read.source;
            (definition == &live ? state.live_format : state.inactive_format) = read.format;
            if (definition == &live) {
                read_copy(disk, state);
            }
        }
    }
    return states;
}

Result<std::vector<std::string>> image_paths_of(const std::string& definition)
{
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(definition));
    VMF_TRY(disks_of(document));
    std::vector<std::string> paths;
    for (const xml::Element& source : document.elements("/domain/devices/disk//source")) {
        for (const char* name : {"file", "dev"}) {
            if (source.has_attribute(name)) {
                paths.push_back(source.attribute(name));
            }
        }
    }
    return paths;
}

Result<std::optional<std::string>> with_image(const std::string& definition, const std::string& target,
                                              const std::string& path, const std::string& format)
{
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(definition));
    VMF_TRY_ASSIGN(const auto disks, disks_of(document));
    for (const xml::Element& disk : disks) {
        if (disk.child("target").attribute("dev") != target || disk.attribute("type") != "file") {
            continue;
        }
        const xml::Element source = disk.child("source");
        const xml::Element driver = disk.child("driver");
        if (!source || !driver) {
            break;
        }
        const xml::Element chain = disk.child("backingStore");
        const bool is_same = source.attribute("file") == path && driver.attribute("type") == format;
        const bool is_said = chain && !chain.child("source");
        if (is_same && !is_said) {
            return std::optional<std::string>();
        }
        set(source, "file", path);
        set(driver, "type", format);
        remove_children(disk, "backingStore");
        return std::optional(document.dump());
    }
    return fail(ErrorKind::not_found, "the definition has no disk " + target + " in a file");
}

std::string copy_xml(const std::string& path, const std::string& format)
{
    return "<disk type='file'><driver type='" + xml::escaped(format) + "'/><source file='" + xml::escaped(path) +
           "'/></disk>";
}

namespace {

std::string owner_xml(const std::string& owner)
{
    const size_t colon = owner.find(':');
    return colon == std::string::npos ? ""
                                      : "<owner>" + xml::escaped(owner.substr(0, colon)) + "</owner><group>" +
                                            xml::escaped(owner.substr(colon + 1)) + "</group>";
}

}  // namespace

std::string image_xml(const world::ImageOrder& order)
{
    const std::string name = name_of(order.path);
    const std::string mode = order.mode.empty() ? "0600" : order.mode;
    const std::string backing = order.backing.empty()
                                    ? ""
                                    : "<backingStore><path>" + xml::escaped(order.backing) + "</path><format type='" +
                                          xml::escaped(order.backing_format) + "'/></backingStore>";
    return "<volume><name>" + xml::escaped(name) + "</name><capacity unit='bytes'>" +
           std::to_string(order.capacity_bytes) +
           "</capacity><allocation unit='bytes'>0</allocation><target><format type='" + xml::escaped(order.format) +
           "'/><permissions>" + owner_xml(order.owner) + "<mode>" + xml::escaped(mode) +
           "</mode></permissions></target>" + backing + "</volume>";
}

}  // namespace vmferry::libvirt
