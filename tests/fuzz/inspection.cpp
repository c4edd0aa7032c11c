// What a plugin says of the contents of images: it read guests that may be hostile, and may itself be anything.

#include "core/model/inspection.hpp"

#include "core/base/foreign_text.hpp"
#include "tests/fuzz/targets.hpp"

namespace vmferry::fuzz {

namespace {

void read_text(const std::string& text)
{
    const std::string shown = harmless(text, 100);
    require(shown.size() <= 103, "a text has its length");
    require(shown.find('\x1b') == std::string::npos && shown.find('\n') == std::string::npos, "no byte of it steers");
    require(harmless(shown, 103) == shown, "what is harmless stays as it is");
}

}  // namespace

void read_inspection(const std::string& text)
{
    read_text(text);
    const auto json = parse_json(text);
    if (!json) {
        return;
    }
    Json sample = model::to_json(model::Inspection{});
    if (json->is_object()) {
        sample.merge_patch(*json);
    }
    const auto inspection = model::inspection_from_json(sample);
    if (!inspection) {
        return;
    }
    const auto again = model::inspection_from_json(model::to_json(*inspection));
    require(again.has_value(), "an inspection is read as it is written");
    if (inspection->incomplete.empty()) {
        static_cast<void>(model::differences(*inspection, *again));
    }
}

}  // namespace vmferry::fuzz
