#include "core/libvirt/bolt_xml.hpp"

namespace vmferry::libvirt {

namespace {

constexpr const char* k_name = "opt/org.vmferry/bolt";
/// The whole element is ours: an entry of the VM's own stands in another one.
constexpr const char* k_path = "/domain/sysinfo[@type='fwcfg'][entry/@name='opt/org.vmferry/bolt']";

const xmlChar* as_xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

}  // namespace

Result<std::string> with_bolt(const std::string& definition)
{
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(definition));
    if (document.root().name() != "domain") {
        return fail(ErrorKind::failed, "the XML is not the definition of a domain");
    }
    remove_bolt(document);
    xmlNodePtr sysinfo = xmlNewChild(document.root().node(), nullptr, as_xml("sysinfo"), nullptr);
    xmlNewProp(sysinfo, as_xml("type"), as_xml("fwcfg"));
    xmlNodePtr entry = xmlNewChild(sysinfo, nullptr, as_xml("entry"), nullptr);
    xmlNewProp(entry, as_xml("name"), as_xml(k_name));
    xmlNewProp(entry, as_xml("file"), as_xml(k_bolt_file));
    return document.dump();
}

bool has_bolt(const xml::Document& definition) { return !definition.find(k_path).empty(); }

void remove_bolt(const xml::Document& definition)
{
    for (xmlNodePtr node : definition.find(k_path)) {
        xmlUnlinkNode(node);
        xmlFreeNode(node);
    }
}

}  // namespace vmferry::libvirt
