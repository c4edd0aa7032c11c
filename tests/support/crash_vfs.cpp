#include "tests/support/crash_vfs.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>

namespace vmferry::support {

/// SQLite allocates it as raw memory: made in open(), ended in close().
struct CrashFile {
    sqlite3_file base;
    CrashDisk* disk;
    std::shared_ptr<CrashDisk::Inode> inode;

    static CrashFile& of(sqlite3_file* file) { return *reinterpret_cast<CrashFile*>(file); }

    static int close(sqlite3_file* file);
    static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset);
    static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset);
    static int truncate(sqlite3_file* file, sqlite3_int64 size);
    static int sync(sqlite3_file* file, int flags);
    static int file_size(sqlite3_file* file, sqlite3_int64* size);
    static int lock(sqlite3_file*, int) { return SQLITE_OK; }
    static int check_lock(sqlite3_file*, int* is_locked);
    static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
    static int sector_size(sqlite3_file*) { return 4096; }
    static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }
};

namespace {

const sqlite3_io_methods k_methods = {1,
                                      CrashFile::close,
                                      CrashFile::read,
                                      CrashFile::write,
                                      CrashFile::truncate,
                                      CrashFile::sync,
                                      CrashFile::file_size,
                                      CrashFile::lock,
                                      CrashFile::lock,
                                      CrashFile::check_lock,
                                      CrashFile::control,
                                      CrashFile::sector_size,
                                      CrashFile::characteristics,
                                      nullptr,
                                      nullptr,
                                      nullptr,
                                      nullptr,
                                      nullptr,
                                      nullptr};

/// xorshift: the same seed gives the same disk everywhere.
uint32_t roll(uint32_t& state)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

}  // namespace

int CrashFile::close(sqlite3_file* file)
{
    of(file).~CrashFile();
    return SQLITE_OK;
}

int CrashFile::read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset)
{
    if (of(file).disk->next() != Fault::none) {
        return SQLITE_IOERR_READ;
    }
    const std::string& bytes = of(file).inode->now;
    const auto from = std::min(static_cast<size_t>(offset), bytes.size());
    const auto length = std::min(static_cast<size_t>(size), bytes.size() - from);
    std::memset(out, 0, static_cast<size_t>(size));
    std::memcpy(out, bytes.data() + from, length);
    return length == static_cast<size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int CrashFile::write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset)
{
    const Fault fault = of(file).disk->next(true);
    std::string content(static_cast<const char*>(bytes), static_cast<size_t>(size));
    if (fault == Fault::io_error || fault == Fault::no_space) {
        content.resize(content.size() / 2);
    }
    CrashDisk::change(*of(file).inode, {offset, std::move(content), false});
    if (fault == Fault::no_space) {
        return SQLITE_FULL;
    }
    return fault == Fault::none ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

int CrashFile::truncate(sqlite3_file* file, sqlite3_int64 size)
{
    const Fault fault = of(file).disk->next();
    if (fault != Fault::io_error) {
        CrashDisk::change(*of(file).inode, {size, "", true});
    }
    return fault == Fault::none ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

int CrashFile::sync(sqlite3_file* file, int)
{
    CrashDisk::Inode& inode = *of(file).inode;
    const Fault fault = of(file).disk->next();
    if (fault == Fault::none) {
        for (const auto& change : inode.unsynced) {
            CrashDisk::apply(inode.durable, change);
        }
    }
    if (fault == Fault::none || fault == Fault::late_io_error) {
        inode.unsynced.clear();
    }
    if (fault != Fault::none) {
        return SQLITE_IOERR_FSYNC;
    }
    if (inode.is_new_journal) {
        of(file).disk->m_durable = of(file).disk->m_now;
        inode.is_new_journal = false;
    }
    return SQLITE_OK;
}

int CrashFile::file_size(sqlite3_file* file, sqlite3_int64* size)
{
    *size = static_cast<sqlite3_int64>(of(file).inode->now.size());
    return SQLITE_OK;
}

int CrashFile::check_lock(sqlite3_file*, int* is_locked)
{
    *is_locked = 0;
    return SQLITE_OK;
}

CrashDisk::CrashDisk() : m_real(sqlite3_vfs_find(nullptr)), m_vfs(*m_real)
{
    m_vfs.iVersion = 1;
    m_vfs.szOsFile = sizeof(CrashFile);
    m_vfs.zName = "vmferry-crash";
    m_vfs.pAppData = this;
    m_vfs.xOpen = open;
    m_vfs.xDelete = remove;
    m_vfs.xAccess = access;
    m_vfs.xFullPathname = full_name;
    sqlite3_vfs_register(&m_vfs, 1);
}

CrashDisk::~CrashDisk()
{
    sqlite3_vfs_unregister(&m_vfs);
    sqlite3_vfs_register(m_real, 1);
}

void CrashDisk::arm(Fault fault, int64_t at_call, bool lasting)
{
    m_fault = fault;
    m_at_call = at_call;
    m_lasting = lasting;
    m_calls = 0;
    m_fired = false;
}

Fault CrashDisk::next(bool is_write)
{
    ++m_calls;
    if (m_dead) {
        return Fault::crash;
    }
    const bool is_due = m_calls >= m_at_call && (!m_fired || m_lasting);
    if (m_fault == Fault::none || !is_due || (m_fault == Fault::no_space && !is_write)) {
        return Fault::none;
    }
    m_fired = true;
    m_dead = m_fault == Fault::crash;
    return m_fault;
}

std::shared_ptr<CrashDisk::Inode>& CrashDisk::look_up(const std::string& name)
{
    auto found = m_now.find(name);
    if (found == m_now.end()) {
        std::shared_ptr<Inode> inode;
        if (std::ifstream file(name, std::ios::binary); file) {
            inode = std::make_shared<Inode>();
            inode->now.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
            inode->durable = inode->now;
        }
        m_durable.emplace(name, inode);
        found = m_now.emplace(name, inode).first;
    }
    return found->second;
}

int CrashDisk::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags)
{
    CrashDisk& disk = of(vfs);
    file->pMethods = nullptr;
    if (disk.next() != Fault::none) {
        return SQLITE_CANTOPEN;
    }
    std::shared_ptr<Inode> unnamed = std::make_shared<Inode>();
    std::shared_ptr<Inode>& inode = name == nullptr ? unnamed : disk.look_up(name);
    if (!inode) {
        if ((flags & SQLITE_OPEN_CREATE) == 0) {
            return SQLITE_CANTOPEN;
        }
        inode = std::make_shared<Inode>();
        inode->is_new_journal = (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0;
    }
    new (file) CrashFile{{&k_methods}, &disk, inode};
    if (out_flags != nullptr) {
        *out_flags = flags;
    }
    return SQLITE_OK;
}

int CrashDisk::remove(sqlite3_vfs* vfs, const char* name, int sync_directory)
{
    CrashDisk& disk = of(vfs);
    const Fault fault = disk.next();
    if (!disk.look_up(name)) {
        return SQLITE_IOERR_DELETE_NOENT;
    }
    if (fault == Fault::io_error) {
        return SQLITE_IOERR_DELETE;
    }
    disk.look_up(name) = nullptr;
    if (fault != Fault::none) {
        return SQLITE_IOERR_DIR_FSYNC;
    }
    if (sync_directory != 0) {
        disk.m_durable = disk.m_now;
    }
    return SQLITE_OK;
}

int CrashDisk::access(sqlite3_vfs* vfs, const char* name, int, int* result)
{
    CrashDisk& disk = of(vfs);
    if (disk.next() != Fault::none) {
        return SQLITE_IOERR_ACCESS;
    }
    const auto& inode = disk.look_up(name);
    *result = inode && !inode->now.empty() ? 1 : 0;
    return SQLITE_OK;
}

int CrashDisk::full_name(sqlite3_vfs*, const char* name, int size, char* out)
{
    std::snprintf(out, static_cast<size_t>(size), "%s", name);
    return SQLITE_OK;
}

void CrashDisk::apply(std::string& bytes, const Change& change)
{
    const auto offset = static_cast<size_t>(change.offset);
    if (change.is_truncation) {
        bytes.resize(std::min(bytes.size(), offset));
        return;
    }
    if (bytes.size() < offset + change.bytes.size()) {
        bytes.resize(offset + change.bytes.size());
    }
    bytes.replace(offset, change.bytes.size(), change.bytes);
}

void CrashDisk::change(Inode& inode, Change change)
{
    apply(inode.now, change);
    inode.unsynced.push_back(std::move(change));
}

std::string CrashDisk::left_of(const Inode& inode, Survival survival, uint32_t& state)
{
    constexpr size_t k_sector = 512;
    std::string bytes = inode.durable;
    for (const Change& change : inode.unsynced) {
        if (survival == Survival::everything) {
            apply(bytes, change);
        } else if (survival == Survival::some && change.is_truncation) {
            if (roll(state) % 2 == 0) {
                apply(bytes, change);
            }
        } else if (survival == Survival::some) {
            for (size_t at = 0; at < change.bytes.size(); at += k_sector) {
                const int64_t offset = change.offset + static_cast<int64_t>(at);
                if (roll(state) % 2 == 0) {
                    apply(bytes, {offset, change.bytes.substr(at, k_sector), false});
                }
            }
        }
    }
    return bytes;
}

void CrashDisk::power_loss(Survival survival, uint32_t seed)
{
    uint32_t state = seed * 2654435761U + 1;
    for (const auto& [name, now] : m_now) {
        const auto& durable = m_durable[name];
        const bool is_new =
            survival == Survival::everything || (survival == Survival::some && now != durable && roll(state) % 2 == 0);
        const auto& inode = is_new ? now : durable;
        if (!inode) {
            std::remove(name.c_str());
            continue;
        }
        std::ofstream(name, std::ios::binary | std::ios::trunc) << left_of(*inode, survival, state);
    }
    m_now.clear();
    m_durable.clear();
    m_dead = false;
    arm(Fault::none, 0);
}

}  // namespace vmferry::support
