#include "journal/entry.hpp"

#include <algorithm>
#include <array>

#include "core/base/assert.hpp"

namespace vmferry::journal {

namespace {

struct Name {
    Kind kind;
    std::string_view text;
};

constexpr std::array<Name, 22> k_names{{
    {Kind::begin, "BEGIN"},
    {Kind::ledger, "LEDGER"},
    {Kind::done, "DONE"},
    {Kind::reserved, "RESERVED"},
    {Kind::copied, "COPIED"},
    {Kind::all_ready, "ALL_READY"},
    {Kind::pivot_intent, "PIVOT_INTENT"},
    {Kind::switch_intent, "SWITCH_INTENT"},
    {Kind::postcopy, "POSTCOPY"},
    {Kind::commit, "COMMIT"},
    {Kind::abort_intent, "ABORT_INTENT"},
    {Kind::fenced, "FENCED"},
    {Kind::resumed, "RESUMED"},
    {Kind::announced, "ANNOUNCED"},
    {Kind::verified, "VERIFIED"},
    {Kind::released, "RELEASED"},
    {Kind::undoing, "UNDOING"},
    {Kind::undone, "UNDONE"},
    {Kind::debt, "DEBT"},
    {Kind::settled, "SETTLED"},
    {Kind::note, "NOTE"},
    {Kind::end, "END"},
}};

}  // namespace

std::string_view to_string(Kind kind)
{
    const auto* found =
        std::find_if(k_names.begin(), k_names.end(), [&](const Name& name) { return name.kind == kind; });
    VMF_ASSERT(found != k_names.end());
    return found->text;
}

Result<Kind> parse_kind(std::string_view text)
{
    const auto* found =
        std::find_if(k_names.begin(), k_names.end(), [&](const Name& name) { return name.text == text; });
    if (found == k_names.end()) {
        return fail(ErrorKind::journal, "'" + std::string(text) + "' is not a kind of journal entry");
    }
    return found->kind;
}

}  // namespace vmferry::journal
