// SQLite in C++ clothes: a connection, a statement, a transaction. Nothing here knows the journal's
// tables. Errors are of kind `journal`.

#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/handle.hpp"
#include "core/base/result.hpp"

namespace vmferry::journal {

class Database;

/// A prepared statement. Must not outlive its Database.
class Statement {
public:
    /// Sets the parameters from the first on and makes the statement ready to be stepped again.
    template <typename... Values>
    Statement& bind(const Values&... values)
    {
        reset();
        int index = 0;
        (bind_one(++index, values), ...);
        return *this;
    }
    /// True: there is a row. False: done, and reset.
    [[nodiscard]] Result<bool> step();
    /// Runs a statement that gives no rows.
    [[nodiscard]] Result<> run();
    /// Ends a query early, so that it holds no lock.
    void reset();

    [[nodiscard]] int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;

private:
    friend class Database;
    Statement(const Database& database, sqlite3_stmt* statement);
    void bind_one(int index, int64_t value);
    void bind_one(int index, std::string_view value);
    void bind_one(int index, const std::string& value) { bind_one(index, std::string_view(value)); }

    const Database* m_database;
    Handle<sqlite3_stmt, sqlite3_finalize> m_statement;
    int m_bind_error = SQLITE_OK;
};

/// A connection. Not for use after fork(): SQLite's locks are those of the process that opened it.
class Database {
public:
    /// Opens an existing file for reading and writing; for reading alone where the file system says
    /// so (see is_read_only). ":memory:" gives a new, empty database.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::string& path);

    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    /// Runs statements that give no rows.
    [[nodiscard]] Result<> execute(const std::string& sql);
    [[nodiscard]] Result<Statement> prepare(std::string_view sql) const;
    /// The first column of the first row, as text.
    [[nodiscard]] Result<std::string> value(std::string_view sql) const;

    /// The error of the last call, with what is to be done about it.
    [[nodiscard]] Error error(const std::string& what) const;

    [[nodiscard]] sqlite3* handle() const { return m_handle.get(); }
    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] bool is_read_only() const;
    /// An error so far, SQLite's or one of the tables' reader, said that the file is damaged.
    [[nodiscard]] bool saw_damage() const { return m_saw_damage; }
    void note_damage() const { m_saw_damage = true; }

    /// How long a lock of another process is waited for.
    void set_busy_limit(Milliseconds limit) { m_busy_limit = limit; }

private:
    explicit Database(std::string path) : m_path(std::move(path)) {}
    static int wait_for_lock(void* self, int attempt);

    std::string m_path;
    mutable bool m_saw_damage = false;
    Handle<sqlite3, sqlite3_close> m_handle;
    Milliseconds m_busy_limit{10000};
    Deadline m_busy_deadline{Milliseconds(0)};
};

/// A transaction of SQLite; everything since its start is taken back unless commit() succeeds.
class SqlTxn {
public:
    /// Takes the right to write at once, so that nothing read inside can be outdated at the commit.
    [[nodiscard]] static Result<SqlTxn> write(Database& database);
    /// Several reads of one state.
    [[nodiscard]] static Result<SqlTxn> read(Database& database);

    SqlTxn(SqlTxn&& other) noexcept : m_database(std::exchange(other.m_database, nullptr)) {}
    SqlTxn& operator=(SqlTxn&&) = delete;
    SqlTxn(const SqlTxn&) = delete;
    SqlTxn& operator=(const SqlTxn&) = delete;
    ~SqlTxn();

    /// On an error the transaction is over too. What then is in the file must be looked up: see
    /// sqlite_store.cpp, settle_failed_commit.
    [[nodiscard]] Result<> commit();

private:
    explicit SqlTxn(Database& database) : m_database(&database) {}
    void roll_back();

    Database* m_database;
};

}  // namespace vmferry::journal
