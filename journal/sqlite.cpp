#include "journal/sqlite.hpp"

#include <chrono>
#include <thread>

#include "core/base/assert.hpp"

namespace vmferry::journal {

Statement::Statement(const Database& database, sqlite3_stmt* statement) : m_database(&database), m_statement(statement)
{
}

void Statement::bind_one(int index, int64_t value)
{
    const int code = sqlite3_bind_int64(m_statement.get(), index, value);
    m_bind_error = m_bind_error == SQLITE_OK ? code : m_bind_error;
}

void Statement::bind_one(int index, std::string_view value)
{
    const char* data = value.data() == nullptr ? "" : value.data();
    const int code = sqlite3_bind_text64(m_statement.get(), index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    m_bind_error = m_bind_error == SQLITE_OK ? code : m_bind_error;
}

void Statement::reset()
{
    // The code tells again what the last step() told already.
    static_cast<void>(sqlite3_reset(m_statement.get()));
    m_bind_error = SQLITE_OK;
}

Result<bool> Statement::step()
{
    if (m_bind_error != SQLITE_OK) {
        return fail(m_database->error("a value could not be handed to SQLite"));
    }
    const int code = sqlite3_step(m_statement.get());
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    Error error = m_database->error("the journal cannot be accessed");
    reset();
    return fail(std::move(error));
}

Result<> Statement::run()
{
    VMF_TRY_ASSIGN(const bool has_row, step());
    VMF_ASSERT(!has_row);
    return {};
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(m_statement.get(), column); }

std::string Statement::text(int column) const
{
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(m_statement.get(), column));
    const auto size = static_cast<size_t>(sqlite3_column_bytes(m_statement.get(), column));
    return data == nullptr ? std::string() : std::string(data, size);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path)
{
    std::unique_ptr<Database> database(new Database(path));
    constexpr int k_flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &handle, k_flags, nullptr);
    database->m_handle.reset(handle);  // There is one even on failure, to tell the reason.
    if (code != SQLITE_OK) {
        return fail(database->error("the journal cannot be opened"));
    }
    sqlite3_busy_handler(handle, &Database::wait_for_lock, database.get());
    return database;
}

Database::~Database() = default;

int Database::wait_for_lock(void* self, int attempt)
{
    // SQLite's own waiting grows to 100 ms a turn. A COMMIT may wait while a guest stands still, so
    // this one looks every millisecond.
    auto* database = static_cast<Database*>(self);
    if (attempt == 0) {
        database->m_busy_deadline = Deadline(database->m_busy_limit);
    }
    if (database->m_busy_deadline.over()) {
        return 0;
    }
    std::this_thread::sleep_for(Milliseconds(1));
    return 1;
}

Result<> Database::execute(const std::string& sql)
{
    if (sqlite3_exec(m_handle.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return fail(error("the journal cannot be accessed"));
    }
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) const
{
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(m_handle.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
        return fail(error("the journal cannot be read"));
    }
    return Statement(*this, statement);
}

Result<std::string> Database::value(std::string_view sql) const
{
    VMF_TRY_ASSIGN(Statement statement, prepare(sql));
    VMF_TRY_ASSIGN(const bool has_row, statement.step());
    return has_row ? statement.text(0) : std::string();
}

bool Database::is_read_only() const { return sqlite3_db_readonly(m_handle.get(), "main") == 1; }

Result<SqlTxn> SqlTxn::write(Database& database)
{
    VMF_TRY(database.execute("BEGIN IMMEDIATE"));
    return SqlTxn(database);
}

Result<SqlTxn> SqlTxn::read(Database& database)
{
    VMF_TRY(database.execute("BEGIN"));
    return SqlTxn(database);
}

SqlTxn::~SqlTxn()
{
    if (m_database != nullptr) {
        roll_back();
    }
}

Result<> SqlTxn::commit()
{
    auto done = m_database->execute("COMMIT");
    if (!done) {
        roll_back();
    }
    return done;
}

void SqlTxn::roll_back()
{
    if (sqlite3_get_autocommit(m_database->handle()) == 0) {
        // Should this fail as well, the rollback journal stays and the next reader rolls back.
        static_cast<void>(m_database->execute("ROLLBACK"));
    }
}

}  // namespace vmferry::journal
