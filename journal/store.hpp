// The journal as the engine sees it. Small, so that another store (a shared database, the
// simulator's memory) can stand behind it.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "journal/entry.hpp"

namespace vmferry::journal {

/// The process that works on a transaction. It lives while /proc shows the same pid with the same
/// start time in the same boot and pid namespace of the same machine.
struct Worker {
    std::string machine;  ///< /etc/machine-id, which stays when a machine is renamed; else its name.
    std::string boot_id;  ///< Boot and pid namespace: within both, pid and start name one process.
    int64_t pid = 0;
    int64_t start_ticks = 0;  ///< Field 22 of /proc/PID/stat.

    [[nodiscard]] static Worker of_this_process();
    /// True or false only when it is proven. nullopt: it is, or was, on another machine or in
    /// another pid namespace, or /proc hides it.
    [[nodiscard]] std::optional<bool> is_alive() const;
};

/// What a transaction is about; fixed by BEGIN.
struct TransactionHead {
    Uuid id;
    std::string command;  ///< "migrate", "precheck", "rollback", ...
    Uuid vm_uuid;
    std::string vm_name;
    std::string source;  ///< Host as the user names it.
    std::string target;
    int64_t epoch = 0;  ///< Highest seen on both hosts and here, plus one.
    int64_t begun_at_ms = 0;
};

/// A transaction with what its entries amount to now.
struct TransactionRow {
    TransactionHead head;
    Worker worker;  ///< Who worked on it last.
    std::optional<Kind> last_kind;
    std::string outcome;  ///< Of the last END; empty while it is open.
    int64_t changed_at_ms = 0;
    int open_debts = 0;
};

/// Result of walking the hash chain.
struct ChainReport {
    int64_t rows = 0;
    std::vector<std::string> problems;  ///< Each names the row; empty: the chain holds.
    std::string head_hash;
};

/// An append-only journal. Every function may be called from any thread. Appends that come together
/// share one durable write, so many VMs in one process should share one Store; and a Store does not
/// cross a fork.
///
/// Errors are of kind `journal`, unless said otherwise. When a write returns an error, the act it
/// announces must not be done, and nothing of it is in the journal, with one exception: kind `unknown`
/// says that the disk failed at the very end, so that the entry may be there or not, now or after
/// a power loss. Then this object writes no more; whoever opens the journal next sees what holds.
class Store {
public:
    virtual ~Store() = default;

    /// Opens a transaction: `head`, the calling process as its worker, its BEGIN entry, and `more` after it, in
    /// one durable write. Gives the BEGIN entry.
    [[nodiscard]] virtual Result<Entry> begin(const TransactionHead& head, const SharedJson& body,
                                              std::span<const Draft> more) = 0;
    [[nodiscard]] Result<Entry> begin(const TransactionHead& head, const SharedJson& body)
    {
        return begin(head, body, {});
    }

    /// Appends all drafts or none, and returns once they are durable: one synced write. No drafts: no
    /// write. Kind `not_found` for an unknown transaction. Refuses a COMMIT after an ABORT_INTENT,
    /// whichever process wrote that: a look inside the write itself, so no race gets through.
    [[nodiscard]] virtual Result<> append(const Uuid& transaction, std::span<const Draft> drafts) = 0;
    [[nodiscard]] Result<> append(const Uuid& transaction, const Draft& draft)
    {
        return append(transaction, std::span(&draft, 1));
    }

    /// The calling process works on `transaction` from now on. Kind `busy` when its present worker is
    /// provably alive: of two processes that both saw it dead, one wins. Kind `not_found`.
    [[nodiscard]] virtual Result<> adopt(const Uuid& transaction) = 0;

    /// All entries of a transaction, in order; each is checked against its hash and none is missing,
    /// or this is an error. Kind `not_found`.
    [[nodiscard]] virtual Result<std::vector<Entry>> entries(const Uuid& transaction) = 0;
    /// The last begun first.
    [[nodiscard]] virtual Result<std::vector<TransactionRow>> transactions() = 0;
    /// By full id or a unique prefix of at least four characters; kind `not_found`, or `usage` when
    /// ambiguous.
    [[nodiscard]] virtual Result<TransactionRow> find(std::string_view id_or_prefix) = 0;
    /// The highest epoch of any transaction about this VM; 0 when there is none.
    [[nodiscard]] virtual Result<int64_t> highest_epoch(const Uuid& vm_uuid) = 0;

    /// Walks the whole chain. Damage is in the report; an error only says that reading failed.
    [[nodiscard]] virtual Result<ChainReport> verify_chain() = 0;

    /// Durable writes so far by this object; the test of "one write in the switch window" reads it.
    [[nodiscard]] virtual int64_t durable_writes() const = 0;
};

enum class Access { read_write, read_only };

/// Opens the SQLite journal at `path`; `read_write` creates file and directory (0660, 2770).
///
/// Before anything is touched, `read_write` proves that the journal can be trusted and written: it
/// refuses a file that is not a journal (application_id), one of a newer schema, a damaged one, one on
/// a file system that does not keep what was synced (tmpfs is allowed only with
/// VMFERRY_JOURNAL_VOLATILE=1, NFS and other network file systems are not), a read-only one, and
/// a full disk (a durable probe write). Kind `journal`, with the remedy in next().
///
/// `read_only` refuses the first two; damage is told by what is read, so that `audit` can look at
/// a damaged journal. A missing file gives an empty journal. Where a crash left a half-done write,
/// it is rolled back first; a user who may not write is told so.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Access access);

/// Without hashes a journal in memory is several times faster; its chain then proves only the order.
enum class Hashing { on, off };

/// A journal in memory, for the simulator and unit tests; same rules, no durability, no failpoints.
[[nodiscard]] std::unique_ptr<Store> open_memory(Hashing hashing = Hashing::on);

}  // namespace vmferry::journal
