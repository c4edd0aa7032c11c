#include "core/libvirt/rename_xml.hpp"

#include <algorithm>

#include "core/libvirt/xml.hpp"

namespace vmferry::libvirt {

namespace {

const xmlChar* as_xml(const std::string& text) { return reinterpret_cast<const xmlChar*>(text.c_str()); }

/// nullptr: it keeps its name.
const std::string* new_name(const std::vector<world::FileRename>& renames, const std::string& path)
{
    const auto found =
        std::find_if(renames.begin(), renames.end(), [&](const world::FileRename& one) { return one.from == path; });
    return found == renames.end() ? nullptr : &found->to;
}

}  // namespace

Result<std::string> with_renames(const std::string& text, const std::vector<world::FileRename>& renames)
{
    if (renames.empty()) {
        return text;
    }
    VMF_TRY_ASSIGN(const xml::Document document, xml::Document::parse(text));
    bool changed = false;
    for (const xml::Element& source : document.elements("//devices/disk/source[@file]")) {
        if (const std::string* name = new_name(renames, source.attribute("file"))) {
            xmlSetProp(source.node(), as_xml("file"), as_xml(*name));
            changed = true;
        }
    }
    for (const xml::Element& nvram : document.elements("//os/nvram")) {
        if (const std::string* name = new_name(renames, nvram.text())) {
            xmlNodeSetContent(nvram.node(), as_xml(xml::escaped(*name)));
            changed = true;
        }
    }
    return changed ? document.dump() : text;
}

}  // namespace vmferry::libvirt
