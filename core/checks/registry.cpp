#include <algorithm>
#include <cctype>

#include "core/base/assert.hpp"
#include "core/checks/check.hpp"

namespace vmferry::checks {

namespace {

/// Filled before main() by the registrations, in whatever order the linker chose.
std::vector<const Check*>& registered()
{
    static std::vector<const Check*> checks;
    return checks;
}

bool equal_ignoring_case(std::string_view left, std::string_view right)
{
    const auto upper = [](char letter) { return std::toupper(static_cast<unsigned char>(letter)); };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](char a, char b) { return upper(a) == upper(b); });
}

}  // namespace

Registration::Registration(const Check* check)
{
    VMF_ASSERT(!check->topics().empty());
    registered().push_back(check);
}

const std::vector<const Check*>& all_checks()
{
    static const std::vector<const Check*> checks = [] {
        std::vector<const Check*> sorted = registered();
        std::sort(sorted.begin(), sorted.end(),
                  [](const Check* left, const Check* right) { return left->id() < right->id(); });
        return sorted;
    }();
    return checks;
}

const std::vector<Topic>& all_topics()
{
    static const std::vector<Topic> topics = [] {
        std::vector<Topic> sorted;
        for (const Check* check : all_checks()) {
            sorted.insert(sorted.end(), check->topics().begin(), check->topics().end());
        }
        std::sort(sorted.begin(), sorted.end(),
                  [](const Topic& left, const Topic& right) { return left.id < right.id; });
        return sorted;
    }();
    return topics;
}

std::optional<Topic> find_topic(std::string_view id)
{
    const auto& topics = all_topics();
    const auto found = std::find_if(topics.begin(), topics.end(),
                                    [&](const Topic& topic) { return equal_ignoring_case(topic.id, id); });
    return found == topics.end() ? std::nullopt : std::optional(*found);
}

}  // namespace vmferry::checks
