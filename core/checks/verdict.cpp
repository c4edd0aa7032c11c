#include "core/checks/verdict.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vmferry::checks {

namespace {

model::Finding finding(const Topic& topic, model::Severity severity, std::string subject, std::string message,
                       std::string remedy, Json facts)
{
    model::Finding result;
    result.id = topic.id;
    result.severity = severity;
    result.subject = std::move(subject);
    result.message = std::move(message);
    result.facts = std::move(facts);
    result.remedy = std::move(remedy);
    return result;
}

}  // namespace

model::Finding ok(const Topic& topic, std::string subject, std::string message, Json facts)
{
    return finding(topic, model::Severity::ok, std::move(subject), std::move(message), {}, std::move(facts));
}

model::Finding not_applicable(const Topic& topic, std::string subject, std::string message)
{
    Json facts = Json::object();
    facts["applies"] = false;
    return ok(topic, std::move(subject), std::move(message), std::move(facts));
}

model::Finding info(const Topic& topic, std::string subject, std::string message, std::string remedy, Json facts)
{
    return finding(topic, model::Severity::info, std::move(subject), std::move(message), std::move(remedy),
                   std::move(facts));
}

model::Finding warn(const Topic& topic, std::string subject, std::string message, std::string remedy, Json facts)
{
    return finding(topic, model::Severity::warn, std::move(subject), std::move(message), std::move(remedy),
                   std::move(facts));
}

model::Finding error(const Topic& topic, std::string subject, std::string message, std::string remedy, Json facts)
{
    return finding(topic, model::Severity::error, std::move(subject), std::move(message), std::move(remedy),
                   std::move(facts));
}

model::Finding unanswered(const Topic& topic, std::string subject, const std::string& question, const Error& why,
                          model::Severity severity, std::string remedy)
{
    Json facts = Json::object();
    facts["checked"] = false;
    facts["cause"] = why.text();
    const model::Severity weight = is_silence(why) ? model::Severity::error : severity;
    return finding(topic, weight, std::move(subject), fmt::format("not checked: {}: {}", question, why.what()),
                   std::move(remedy), std::move(facts));
}

bool is_silence(const Error& error)
{
    return error.kind() == ErrorKind::unreachable || error.kind() == ErrorKind::unknown;
}

std::string accept_option(const Topic& topic) { return fmt::format("--accept {}", topic.id); }

std::string join(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

}  // namespace vmferry::checks
