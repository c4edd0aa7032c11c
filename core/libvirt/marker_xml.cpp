#include "core/libvirt/marker_xml.hpp"

#include <charconv>

namespace vmferry::libvirt {

namespace {

const xmlChar* as_xml(const std::string& text) { return reinterpret_cast<const xmlChar*>(text.c_str()); }

void set(xmlNodePtr node, const char* name, const std::string& value) { xmlNewProp(node, as_xml(name), as_xml(value)); }

void fill(xmlNodePtr node, const model::Marker& marker)
{
    set(node, "transaction", marker.transaction.str());
    set(node, "epoch", std::to_string(marker.epoch));
    set(node, "role", std::string(to_string(marker.role)));
    set(node, "committed", marker.committed ? "yes" : "no");
    set(node, "controller", marker.controller);
    set(node, "resumed", marker.resumed ? "yes" : "no");
    set(node, "nvram", marker.nvram ? "made" : "none");
    set(node, "instance", std::to_string(marker.instance));
    set(node, "cpu-time-ns", std::to_string(marker.cpu_time_ns));
    if (marker.plan) {
        set(node, "plan", *marker.plan);
    }
}

/// A field that a recovery without the journal needs; a marker without it is a marker all the same.
template <typename Number>
void read_number(const xml::Element& element, const char* name, Number& into)
{
    const std::string text = element.attribute(name);
    Number value{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) {
        into = value;
    }
}

void read_extras(const xml::Element& element, model::Marker& marker)
{
    marker.controller = element.attribute("controller");
    marker.resumed = element.attribute("resumed") == "yes";
    marker.nvram = element.attribute("nvram") == "made";
    read_number(element, "instance", marker.instance);
    read_number(element, "cpu-time-ns", marker.cpu_time_ns);
    if (element.has_attribute("plan")) {
        marker.plan = std::make_shared<const std::string>(element.attribute("plan"));
    }
}

Result<model::Marker> read(const xml::Element& element)
{
    const auto unreadable = [](const std::string& field) {
        return fail(ErrorKind::failed, "the domain's vmferry marker is unreadable: " + field);
    };
    if (element.name() != "marker") {
        return unreadable("element " + element.name());
    }
    model::Marker marker;
    const auto transaction = Uuid::parse(element.attribute("transaction"));
    if (!transaction) {
        return unreadable("transaction");
    }
    marker.transaction = *transaction;
    const std::string epoch = element.attribute("epoch");
    const auto parsed = std::from_chars(epoch.data(), epoch.data() + epoch.size(), marker.epoch);
    if (parsed.ec != std::errc() || parsed.ptr != epoch.data() + epoch.size() || marker.epoch < 0) {
        return unreadable("epoch");
    }
    const std::string role = element.attribute("role");
    if (role == to_string(model::Side::target)) {
        marker.role = model::Side::target;
    } else if (role != to_string(model::Side::source)) {
        return unreadable("role");
    }
    const std::string committed = element.attribute("committed");
    if (committed != "yes" && committed != "no") {
        return unreadable("committed");
    }
    marker.committed = committed == "yes";
    read_extras(element, marker);
    return marker;
}

/// <metadata> of the definition, made when it is missing.
xmlNodePtr metadata_of(const xml::Document& document)
{
    const xml::Element root = document.root();
    if (const xml::Element metadata = root.child("metadata")) {
        return metadata.node();
    }
    return xmlNewChild(root.node(), nullptr, as_xml("metadata"), nullptr);
}

}  // namespace

std::string marker_xml(const model::Marker& marker)
{
    const Handle<xmlDoc, xmlFreeDoc> document(xmlNewDoc(as_xml("1.0")));
    xmlNodePtr node = xmlNewDocNode(document.get(), nullptr, as_xml("marker"), nullptr);
    xmlDocSetRootElement(document.get(), node);
    fill(node, marker);
    return xml::Element(node).dump();
}

Result<model::Marker> parse_marker(const std::string& text)
{
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(text));
    return read(document.root());
}

std::optional<model::Marker> marker_in(const xml::Document& definition)
{
    for (const xml::Element& element : definition.elements("/domain/metadata/v:marker")) {
        if (auto marker = read(element)) {
            return *marker;
        }
    }
    return std::nullopt;
}

Result<std::string> with_marker(const std::string& definition, const model::Marker& marker)
{
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(definition));
    if (document.root().name() != "domain") {
        return fail(ErrorKind::failed, "the XML is not the definition of a domain");
    }
    for (const xml::Element& old : document.elements("/domain/metadata/v:*")) {
        xmlUnlinkNode(old.node());
        xmlFreeNode(old.node());
    }
    xmlNodePtr node = xmlNewChild(metadata_of(document), nullptr, as_xml("marker"), nullptr);
    xmlSetNs(node, xmlNewNs(node, as_xml(std::string(model::k_marker_namespace)),
                            as_xml(std::string(model::k_marker_prefix))));
    fill(node, marker);
    return document.dump();
}

}  // namespace vmferry::libvirt
