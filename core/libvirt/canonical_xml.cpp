#include "core/libvirt/canonical_xml.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/libvirt/bolt_xml.hpp"
#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

/// Values of a running domain that change without an administrator: by the balloon, the guest's
/// agent, the guest's clock, a tray that the guest opens, hot-plugged memory that it takes or gives.
constexpr std::array k_run_time_values{
    "/domain/currentMemory",
    "/domain/devices/channel/target/@state",
    "/domain/devices/memory/target/current",
    "/domain/devices/disk/target/@tray",
    "/domain/devices/disk//source/@index",
    "/domain/clock/@adjustment",
};

/// Names that libvirt gives to devices of a running domain; some of them a restarted daemon knows no more. What a user
/// has named begins with "ua-".
constexpr std::array k_own_names{"/domain/devices//alias[not(starts-with(@name, 'ua-'))]"};

/// What only a running domain has, or has in another form than its definition.
constexpr std::array k_live_only{
    "/domain/@id",
    "/domain/metadata",
    "/domain/resource",
    "/domain/currentMemory",
    "/domain/cpu",
    "/domain/seclabel",
    "/domain/os/nvram",
    "/domain/os/loader",
    "/domain/os/firmware",
    "/domain/os/@firmware",
    "/domain/clock/@adjustment",
    "/domain/devices/controller",
    "/domain/devices//alias",
    "/domain/devices//address",
    "/domain/devices//backingStore",
    "/domain/devices//source/@index",
    "/domain/devices//source/privateData",
    "/domain/devices//seclabel",
    "/domain/devices/disk/mirror",
    "/domain/devices/disk[not(source)]/driver",
    "/domain/devices/disk/target/@tray",
    "/domain/devices/interface/target",
    "/domain/devices/interface/backend",
    "/domain/devices/interface/source/@portid",
    "/domain/devices/interface/source/@bridge",
    "/domain/devices/channel/target/@state",
    "/domain/devices/channel/source",
    "/domain/devices/serial/source",
    "/domain/devices/console",
    "/domain/devices/memory/target/current",
    "/domain/devices/graphics/@port",
    "/domain/devices/graphics/@tlsPort",
    "/domain/devices/graphics/@websocket",
    "/domain/devices/graphics/@listen",
    "/domain/devices/graphics/listen",
    "/domain/devices/vsock/cid/@address",
};

void remove(xmlNodePtr node)
{
    if (node->type == XML_ATTRIBUTE_NODE) {
        xmlRemoveProp(reinterpret_cast<xmlAttrPtr>(node));
        return;
    }
    xmlUnlinkNode(node);
    xmlFreeNode(node);
}

template <typename Paths>
void remove_all(const xml::Document& document, const Paths& paths)
{
    for (const char* path : paths) {
        // One at a time: removing an element takes further matches inside it along.
        for (auto found = document.find(path); !found.empty(); found = document.find(path)) {
            remove(found.front());
        }
    }
}

void remove_marker(const xml::Document& document)
{
    remove_all(document, std::array{"/domain/metadata/v:*"});
    remove_all(document, std::array{"/domain/metadata[not(*)]"});
}

bool is_blank(xmlNodePtr node) { return node->type == XML_TEXT_NODE && xmlIsBlankNode(node) != 0; }

void remove_indentation(xmlNodePtr element)
{
    const bool has_elements = xmlChildElementCount(element) > 0;
    for (xmlNodePtr node = element->children; node != nullptr;) {
        xmlNodePtr next = node->next;
        if (node->type == XML_COMMENT_NODE || (has_elements && is_blank(node))) {
            remove(node);
        } else if (node->type == XML_ELEMENT_NODE) {
            remove_indentation(node);
        }
        node = next;
    }
}

/// libvirt appends what it adds by itself, so the order of live and inactive devices differs.
void sort_children(const xml::Element& parent)
{
    std::vector<std::pair<std::string, xmlNodePtr>> sorted;
    for (const xml::Element& child : parent.children()) {
        sorted.emplace_back(child.dump(), child.node());
    }
    std::sort(sorted.begin(), sorted.end());
    for (const auto& [text, node] : sorted) {
        xmlUnlinkNode(node);
        xmlAddChild(parent.node(), node);
    }
}

Result<xml::Document> parse_domain(const std::string& definition)
{
    VMF_TRY_ASSIGN(xml::Document document, xml::Document::parse(definition));
    if (document.root().name() != "domain") {
        return fail(ErrorKind::failed, "the XML is not the definition of a domain");
    }
    remove_marker(document);
    remove_bolt(document);
    remove_indentation(document.root().node());
    // Once more: what was metadata with nothing but white space is empty now.
    remove_marker(document);
    return document;
}

}  // namespace

Result<std::string> canonical_xml(const std::string& definition, Definition which)
{
    VMF_TRY_ASSIGN(const xml::Document document, parse_domain(definition));
    if (which == Definition::live) {
        remove_all(document, k_own_names);
        for (const char* path : k_run_time_values) {
            for (xmlNodePtr node : document.find(path)) {
                xmlNodeSetContent(node, reinterpret_cast<const xmlChar*>("*"));
            }
        }
    }
    return document.canonical();
}

Result<std::string> configuration_of(const std::string& definition)
{
    VMF_TRY_ASSIGN(const xml::Document document, parse_domain(definition));
    remove_all(document, k_live_only);
    remove_indentation(document.root().node());
    sort_children(document.root().child("devices"));
    return document.canonical();
}

}  // namespace vmferry::libvirt
