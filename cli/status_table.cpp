// The table of `vmferry status`, by libsmartcols: widths that fit, also for names beyond ASCII.

#include <fmt/format.h>
#include <libsmartcols.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "cli/report_status.hpp"
#include "core/base/clock.hpp"
#include "core/base/handle.hpp"

namespace vmferry::cli {

namespace {

using Table = Handle<libscols_table, scols_unref_table>;

std::string age(int64_t since_ms)
{
    const int64_t seconds = std::max<int64_t>(0, wall_clock_ms() - since_ms) / 1000;
    if (seconds < 60) {
        return fmt::format("{}s", seconds);
    }
    if (seconds < 3600) {
        return fmt::format("{}m", seconds / 60);
    }
    return seconds < 86400 ? fmt::format("{}h", seconds / 3600) : fmt::format("{}d", seconds / 86400);
}

/// Of a storage-move both are the same host.
std::string move_text(const journal::TransactionHead& head)
{
    return head.source == head.target ? head.source : head.source + "->" + head.target;
}

void add_line(libscols_table* table, const std::vector<std::string>& cells)
{
    libscols_line* line = scols_table_new_line(table, nullptr);
    for (size_t i = 0; line != nullptr && i < cells.size(); ++i) {
        scols_line_set_data(line, i, cells[i].c_str());
    }
}

}  // namespace

std::string status_text(const std::vector<StatusLine>& lines)
{
    if (lines.empty()) {
        return "No unfinished transactions, nothing owed.\n";
    }
    const Table table(scols_new_table());
    for (const char* name : {"TX", "VM", "MOVE", "STATE", "SINCE", "NEEDS"}) {
        scols_table_new_column(table.get(), name, 0, 0);
    }
    for (const StatusLine& line : lines) {
        const journal::TransactionHead& head = line.row.head;
        add_line(table.get(), {head.id.brief(), head.vm_name, move_text(head), state_text(line), age(head.begun_at_ms),
                               needs_text(line)});
    }
    char* text = nullptr;
    if (scols_print_table_to_string(table.get(), &text) != 0 || text == nullptr) {
        return "The table could not be made: no memory.\n";
    }
    std::string result = std::string(text) + "\n";
    std::free(text);
    return result;
}

}  // namespace vmferry::cli
