#include "cli/audit_export.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/report.hpp"
#include "cli/report_audit.hpp"
#include "cli/version.hpp"
#include "core/base/clock.hpp"
#include "core/base/handle.hpp"
#include "core/base/signature.hpp"

namespace vmferry::cli {

namespace {

Error write_error(const std::string& file)
{
    return Error(ErrorKind::failed, fmt::format("{} cannot be written", file))
        .with_cause(std::strerror(errno))
        .with_next("give the name of a new file in a directory that you may write");
}

bool write_and_sync(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes.remove_prefix(written < 0 ? 0 : static_cast<size_t>(written));
    }
    return ::fsync(fd) == 0;
}

/// link(2) and not rename(2): what is there is never replaced.
Result<> create_file(const std::string& file, std::string_view bytes)
{
    std::string draft = file + ".XXXXXX";
    const Fd fd(::mkostemp(draft.data(), O_CLOEXEC));
    if (!fd) {
        return fail(write_error(file));
    }
    const bool done =
        ::fchmod(fd.get(), 0640) == 0 && write_and_sync(fd.get(), bytes) && ::link(draft.c_str(), file.c_str()) == 0;
    const int reason = errno;
    ::unlink(draft.c_str());
    errno = reason;
    return done ? Result<>() : fail(write_error(file));
}

Result<journal::ChainReport> proven_chain(journal::Store& store)
{
    VMF_TRY_ASSIGN(journal::ChainReport report, store.verify_chain());
    if (!report.problems.empty()) {
        return fail(Error(ErrorKind::journal, "the journal is not what was written, so it is not exported")
                        .with_id("VMF-E181")
                        .with_cause(report.problems.front())
                        .with_next("vmferry audit --verify"));
    }
    return report;
}

}  // namespace

Result<Exported> export_journal(journal::Store& store, const std::string& file, const std::string& key_file)
{
    VMF_TRY_ASSIGN(const journal::ChainReport chain, proven_chain(store));
    VMF_TRY_ASSIGN(auto rows, store.transactions());
    std::reverse(rows.begin(), rows.end());
    std::string transactions;
    std::vector<journal::Entry> entries;
    for (const journal::TransactionRow& row : rows) {
        transactions += dump_line({{"type", "transaction"}, {"transaction", transaction_json(row)}});
        VMF_TRY_ASSIGN(auto some, store.entries(row.head.id));
        std::move(some.begin(), some.end(), std::back_inserter(entries));
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto& one, const auto& other) { return one.sequence < other.sequence; });
    // What was appended since the verification belongs to the next export.
    std::erase_if(entries, [&](const journal::Entry& entry) { return entry.sequence > chain.rows; });
    OrderedJson header;
    header["type"] = "header";
    header["schema"] = k_export_schema;
    header["vmferry"] = k_version;
    header["exported"] = rfc3339(wall_clock_ms());
    header["entries"] = chain.rows;
    header["head_hash"] = chain.head_hash;
    std::string text = dump_line(header) + transactions;
    for (const journal::Entry& entry : entries) {
        text += dump_line({{"type", "entry"}, {"entry", entry_json(entry)}});
    }
    Exported exported{chain.rows, chain.head_hash, {}};
    if (!key_file.empty()) {
        VMF_TRY_ASSIGN(const Signature signature, sign(text, key_file));
        exported.signature_file = file + ".sig";
        VMF_TRY(create_file(exported.signature_file, signature.value + "\n"));
    }
    if (auto written = create_file(file, text); !written) {
        if (!exported.signature_file.empty()) {
            ::unlink(exported.signature_file.c_str());
        }
        return fail(std::move(written).error());
    }
    return exported;
}

}  // namespace vmferry::cli
