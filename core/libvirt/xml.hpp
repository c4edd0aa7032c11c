// A parsed XML document from a daemon or a file: hostile until read.
//
// No network, no external entities, no DTD at all, bounded size and depth: a broken document is an
// Error, never a crash.

#pragma once

#include <libxml/tree.h>

#include <string>
#include <vector>

#include "core/base/handle.hpp"
#include "core/base/result.hpp"

namespace vmferry::libvirt::xml {

/// An element that belongs to a Document and lives no longer than it. May be null: then every
/// question has an empty answer.
class Element {
public:
    Element() = default;
    explicit Element(xmlNodePtr node) : m_node(node) {}

    [[nodiscard]] explicit operator bool() const { return m_node != nullptr; }
    [[nodiscard]] xmlNodePtr node() const { return m_node; }
    [[nodiscard]] std::string name() const;
    [[nodiscard]] std::string attribute(const char* name) const;
    [[nodiscard]] bool has_attribute(const char* name) const;
    /// Text content without surrounding white space.
    [[nodiscard]] std::string text() const;
    /// First child element of that name; null when there is none.
    [[nodiscard]] Element child(const char* name) const;
    /// Child elements, of that name or all of them.
    [[nodiscard]] std::vector<Element> children(const char* name = nullptr) const;
    /// The element as XML text.
    [[nodiscard]] std::string dump() const;

private:
    xmlNodePtr m_node = nullptr;
};

class Document {
public:
    /// Kind `failed` when it is not well-formed, has a DTD, or is larger than 16 MiB.
    [[nodiscard]] static Result<Document> parse(const std::string& text);

    [[nodiscard]] Element root() const;
    /// Elements and attributes by XPath; prefix "v" is the marker's namespace.
    [[nodiscard]] std::vector<xmlNodePtr> find(const char* xpath) const;
    [[nodiscard]] std::vector<Element> elements(const char* xpath) const;
    /// The string value of the first match; empty when there is none.
    [[nodiscard]] std::string text(const char* xpath) const;
    /// Canonical form (C14N 1.0, without comments).
    [[nodiscard]] Result<std::string> canonical() const;
    /// Plain serialisation.
    [[nodiscard]] std::string dump() const;

private:
    using DocumentHandle = Handle<xmlDoc, xmlFreeDoc>;
    explicit Document(DocumentHandle document) : m_document(std::move(document)) {}

    DocumentHandle m_document;
};

/// Text as it may stand in an element or a quoted attribute.
[[nodiscard]] std::string escaped(const std::string& text);

}  // namespace vmferry::libvirt::xml
