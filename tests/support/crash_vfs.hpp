// A disk for SQLite that can lose power and fail, so that tests can try every moment of it.

#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace vmferry::support {

/// What goes wrong at the chosen call.
enum class Fault {
    none,
    crash,          ///< The power fails; this call and all later ones come back with an error.
    io_error,       ///< EIO; a write leaves half of itself, anything else nothing.
    late_io_error,  ///< EIO after the deed. A sync so failed has dropped what it was to make durable.
    no_space,       ///< ENOSPC at the next write.
};

/// What is still there when the power comes back.
enum class Survival {
    synced_only,  ///< Only what was synced.
    everything,   ///< Also all that was not: the system lived, just the process was killed.
    some,         ///< Any sectors of 512 bytes of it, in any order.
};

/// Files in memory, loaded from the real disk when first opened, with a memory of what was synced.
///
/// - While it lives it is SQLite's default VFS; the real files stay as they were until power_loss().
/// - A file's name is durable only after its directory was synced, which SQLite's Unix VFS does at the
///   first sync of a new rollback journal, and at a delete that asks for it.
/// - It knows no locks: one connection at a time.
class CrashDisk {
public:
    CrashDisk();
    ~CrashDisk();
    CrashDisk(const CrashDisk&) = delete;
    CrashDisk& operator=(const CrashDisk&) = delete;

    /// The `at_call`-th call from now on fails (1 is the next); with `lasting` all later ones too.
    void arm(Fault fault, int64_t at_call, bool lasting = false);
    /// Calls since arm().
    [[nodiscard]] int64_t calls() const { return m_calls; }
    [[nodiscard]] bool fired() const { return m_fired; }

    /// Writes to the real disk what is left, forgets the rest, and works again.
    void power_loss(Survival survival, uint32_t seed = 0);

private:
    friend struct CrashFile;
    struct Change {
        int64_t offset;
        std::string bytes;
        bool is_truncation;
    };
    struct Inode {
        std::string now;
        std::string durable;
        std::vector<Change> unsynced;
        bool is_new_journal = false;
    };
    using Names = std::map<std::string, std::shared_ptr<Inode>>;  // Empty: known not to exist.

    static CrashDisk& of(sqlite3_vfs* vfs) { return *static_cast<CrashDisk*>(vfs->pAppData); }
    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags);
    static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory);
    static int access(sqlite3_vfs* vfs, const char* name, int flags, int* result);
    static int full_name(sqlite3_vfs* vfs, const char* name, int size, char* out);

    /// The fault of this call.
    Fault next(bool is_write = false);
    std::shared_ptr<Inode>& look_up(const std::string& name);
    static void apply(std::string& bytes, const Change& change);
    static void change(Inode& inode, Change change);
    static std::string left_of(const Inode& inode, Survival survival, uint32_t& state);

    sqlite3_vfs* m_real;
    sqlite3_vfs m_vfs{};
    Names m_now;
    Names m_durable;
    Fault m_fault = Fault::none;
    int64_t m_at_call = 0;
    int64_t m_calls = 0;
    bool m_lasting = false;
    bool m_fired = false;
    bool m_dead = false;
};

}  // namespace vmferry::support
