// Old images that committed storage-moves have kept: going back to them, and letting them go.

#pragma once

#include <string>
#include <vector>

#include "cli/settlement.hpp"
#include "cli/transact.hpp"

namespace vmferry::cli {

/// Storage-moves that have ended and keep images of this VM (name or UUID), newest first; of every VM when it is empty.
[[nodiscard]] Result<std::vector<journal::TransactionRow>> moves_that_keep(journal::Store& store,
                                                                           const std::string& vm);

/// Where the disks of a committed storage-move go back to: to the very images that it has kept, if it has.
[[nodiscard]] phases::StorageRequest way_back_of(journal::Store& store, const model::Plan& plan);

/// The move that undoes the committed transaction `undone`. Images that it had kept are in use again then.
[[nodiscard]] Report carry_out_way_back(Environment& environment, Session& session, const Order& order,
                                        const Uuid& undone);

/// `storage-move VM --release`: removes what the VM's moves have kept.
[[nodiscard]] engine::ExitCode release_kept(Environment& environment, Session& session, const std::string& vm,
                                            const SettleOrder& order);

}  // namespace vmferry::cli
