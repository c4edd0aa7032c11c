#include "cli/drill_child.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vmferry::cli {

namespace {

/// A name of the configuration stays a name; a URI goes as it was given.
std::string word_of(const Config& config, const model::HostAddress& host)
{
    return config.hosts.contains(host.label) || host.uri.empty() ? host.label : host.uri;
}

}  // namespace

Result<ChildEnd> move_by_child(const Settings& settings, const model::HostAddress& from, const model::HostAddress& to,
                               const Uuid& vm, const std::string& command, const std::vector<std::string>& more)
{
    std::vector<std::string> words = {"--journal", settings.journal_path, "-q"};
    if (!settings.globals.config_file.empty()) {
        words.insert(words.end(), {"--config", settings.globals.config_file});
    }
    if (!from.uri.empty()) {
        words.insert(words.end(), {"-c", word_of(settings.config, from)});
    }
    words.insert(words.end(), {command, vm.str(), word_of(settings.config, to)});
    words.insert(words.end(), more.begin(), more.end());
    return run_vmferry(words);
}

Result<std::vector<Uuid>> known_transactions(journal::Store& store)
{
    VMF_TRY_ASSIGN(const auto rows, store.transactions());
    std::vector<Uuid> known;
    std::transform(rows.begin(), rows.end(), std::back_inserter(known),
                   [](const journal::TransactionRow& row) { return row.head.id; });
    return known;
}

std::string said(const ChildEnd& end, const std::string& key)
{
    const size_t at = end.output.rfind(key);
    if (at == std::string::npos) {
        return {};
    }
    const size_t first = at + key.size();
    return end.output.substr(first, end.output.find('\n', first) - first);
}

Error child_failed(const std::string& what, const ChildEnd& end)
{
    return Error(ErrorKind::failed, fmt::format("{} ended with {} {}", what, end.signal != 0 ? "signal" : "exit code",
                                                end.signal != 0 ? end.signal : end.code))
        .with_id("VMF-E192")
        .with_cause(end.output.substr(0, 2000))
        .with_next("vmferry status");
}

}  // namespace vmferry::cli
