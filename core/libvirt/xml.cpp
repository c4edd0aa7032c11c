#include "core/libvirt/xml.hpp"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <mutex>

#include "core/model/marker.hpp"

namespace vmferry::libvirt::xml {

namespace {

constexpr size_t k_size_max = size_t{16} * 1024 * 1024;

const xmlChar* as_xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

std::string take(xmlChar* text)
{
    const std::string copy = text == nullptr ? "" : reinterpret_cast<const char*>(text);
    xmlFree(text);
    return copy;
}

std::string trimmed(const std::string& text)
{
    const size_t start = text.find_first_not_of(" \t\r\n");
    return start == std::string::npos ? "" : text.substr(start, text.find_last_not_of(" \t\r\n") - start + 1);
}

bool is_named(xmlNodePtr node, const char* name)
{
    return node->type == XML_ELEMENT_NODE && (name == nullptr || xmlStrEqual(node->name, as_xml(name)) != 0);
}

void initialise()
{
    static std::once_flag once;
    std::call_once(once, [] { xmlInitParser(); });
}

using ContextHandle = Handle<xmlXPathContext, xmlXPathFreeContext>;
using ObjectHandle = Handle<xmlXPathObject, xmlXPathFreeObject>;

}  // namespace

std::string Element::name() const { return m_node == nullptr ? "" : reinterpret_cast<const char*>(m_node->name); }

std::string Element::attribute(const char* name) const
{
    return m_node == nullptr ? "" : take(xmlGetNoNsProp(m_node, as_xml(name)));
}

bool Element::has_attribute(const char* name) const
{
    return m_node != nullptr && xmlHasProp(m_node, as_xml(name)) != nullptr;
}

std::string Element::text() const { return m_node == nullptr ? "" : trimmed(take(xmlNodeGetContent(m_node))); }

Element Element::child(const char* name) const
{
    for (xmlNodePtr node = m_node == nullptr ? nullptr : m_node->children; node != nullptr; node = node->next) {
        if (is_named(node, name)) {
            return Element(node);
        }
    }
    return Element();
}

std::vector<Element> Element::children(const char* name) const
{
    std::vector<Element> all;
    for (xmlNodePtr node = m_node == nullptr ? nullptr : m_node->children; node != nullptr; node = node->next) {
        if (is_named(node, name)) {
            all.emplace_back(node);
        }
    }
    return all;
}

std::string Element::dump() const
{
    if (m_node == nullptr) {
        return {};
    }
    const Handle<xmlBuffer, xmlBufferFree> buffer(xmlBufferCreate());
    if (!buffer || xmlNodeDump(buffer.get(), m_node->doc, m_node, 0, 0) < 0) {
        return {};
    }
    return reinterpret_cast<const char*>(xmlBufferContent(buffer.get()));
}

Result<Document> Document::parse(const std::string& text)
{
    initialise();
    if (text.size() > k_size_max) {
        return fail(ErrorKind::failed, "an XML document of " + std::to_string(text.size()) + " bytes is refused");
    }
    DocumentHandle document(xmlReadMemory(text.data(), static_cast<int>(text.size()), "domain.xml", nullptr,
                                          XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
    if (!document || xmlDocGetRootElement(document.get()) == nullptr) {
        const xmlError* problem = xmlGetLastError();
        const std::string words = problem == nullptr || problem->message == nullptr ? "" : problem->message;
        return fail(Error(ErrorKind::failed, "the XML is not well-formed").with_cause(trimmed(words)));
    }
    if (document->intSubset != nullptr || document->extSubset != nullptr) {
        return fail(ErrorKind::failed, "an XML document with a DTD is refused");
    }
    return Document(std::move(document));
}

Element Document::root() const { return Element(xmlDocGetRootElement(m_document.get())); }

std::vector<xmlNodePtr> Document::find(const char* xpath) const
{
    std::vector<xmlNodePtr> all;
    const ContextHandle context(xmlXPathNewContext(m_document.get()));
    if (!context) {
        return all;
    }
    const std::string name_space(model::k_marker_namespace);
    xmlXPathRegisterNs(context.get(), as_xml("v"), as_xml(name_space.c_str()));
    const ObjectHandle found(xmlXPathEvalExpression(as_xml(xpath), context.get()));
    if (!found || found->type != XPATH_NODESET || found->nodesetval == nullptr) {
        return all;
    }
    for (int i = 0; i < found->nodesetval->nodeNr; ++i) {
        all.push_back(found->nodesetval->nodeTab[i]);
    }
    return all;
}

std::vector<Element> Document::elements(const char* xpath) const
{
    std::vector<Element> all;
    for (xmlNodePtr node : find(xpath)) {
        if (node->type == XML_ELEMENT_NODE) {
            all.emplace_back(node);
        }
    }
    return all;
}

std::string Document::text(const char* xpath) const
{
    const std::vector<xmlNodePtr> found = find(xpath);
    return found.empty() ? "" : trimmed(take(xmlNodeGetContent(found.front())));
}

Result<std::string> Document::canonical() const
{
    xmlChar* bytes = nullptr;
    const int length = xmlC14NDocDumpMemory(m_document.get(), nullptr, XML_C14N_1_0, nullptr, 0, &bytes);
    if (length < 0) {
        return fail(ErrorKind::failed, "the XML has no canonical form");
    }
    return take(bytes);
}

std::string escaped(const std::string& text)
{
    std::string out;
    for (const char letter : text) {
        switch (letter) {
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '&': out += "&amp;"; break;
        case '\'': out += "&apos;"; break;
        case '"': out += "&quot;"; break;
        default: out += letter;
        }
    }
    return out;
}

std::string Document::dump() const
{
    xmlChar* bytes = nullptr;
    int length = 0;
    xmlDocDumpMemory(m_document.get(), &bytes, &length);
    return take(bytes);
}

}  // namespace vmferry::libvirt::xml
