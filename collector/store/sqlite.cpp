#include "collector/store/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "collector/store/sqlite_faults.h"
#include "common/failpoint.h"
#include "common/files.h"

namespace muster::collector {

Statement::Statement(Database& database, sqlite3_stmt* statement)
    : database_(database), statement_(statement) {
  if (statement_ == nullptr) bind_result_ = sqlite3_errcode(database.connection_.get());
}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::text(std::string_view value) {
  // A null pointer would bind NULL; an empty view may have one.
  const char* data = value.data() == nullptr ? "" : value.data();
  const int result = sqlite3_bind_text64(statement_, next_parameter_++, data, value.size(),
                                         SQLITE_STATIC, SQLITE_UTF8);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
  return *this;
}

Statement& Statement::blob(std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();
  const int result =
      sqlite3_bind_blob64(statement_, next_parameter_++, data, value.size(), SQLITE_STATIC);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
  return *this;
}

Statement& Statement::integer(int64_t value) {
  const int result = sqlite3_bind_int64(statement_, next_parameter_++, value);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
  return *this;
}

Statement& Statement::unsigned_integer(uint64_t value) {
  return integer(std::bit_cast<int64_t>(value));
}

Statement& Statement::real(double value) {
  const int result = sqlite3_bind_double(statement_, next_parameter_++, value);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
  return *this;
}

Statement& Statement::null() {
  const int result = sqlite3_bind_null(statement_, next_parameter_++);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
  return *this;
}

absl::StatusOr<bool> Statement::step() {
  if (bind_result_ != SQLITE_OK) return database_.status_of(bind_result_);
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return database_.status_of(result);
}

absl::Status Statement::run() {
  return step().status();
}

std::string Statement::column_text(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<size_t>(size)};
}

int64_t Statement::column_integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

uint64_t Statement::column_unsigned(int column) const {
  return std::bit_cast<uint64_t>(column_integer(column));
}

double Statement::column_real(int column) const {
  return sqlite3_column_double(statement_, column);
}

bool Statement::column_is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void Database::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Database::Close::operator()(sqlite3* connection) const {
  sqlite3_close(connection);
}

absl::StatusOr<std::unique_ptr<Database>> Database::open(const std::string& path) {
  // SQLite makes files by the umask; it holds what a fleet looks like, so it is nobody else's.
  const StoreMoment opening("open");
  const int descriptor =
      failpoint::fails("store.create", path)
          ? -1
          : ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return errno_status(errno, fmt::format("opening the store {}", path));
  ::close(descriptor);

  std::unique_ptr<Database> database(new Database(path));
  sqlite3* connection = nullptr;
  const int result = sqlite3_open_v2(
      path.c_str(), &connection,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs_of_this_build());
  database->connection_.reset(connection);
  if (result != SQLITE_OK) return database->status_of(result);
  // Takes the place of SQLite's own automatic checkpoint. `PRAGMA wal_autocheckpoint` would put
  // that one, or nothing, back here.
  sqlite3_wal_hook(
      connection,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Database*>(self)->pages_in_log_ = pages;
        ++static_cast<Database*>(self)->commits_written_;
        return SQLITE_OK;
      },
      database.get());
  return database;
}

Database::~Database() {
  // Before the connection: SQLite refuses to close while statements live.
  statements_.clear();
  const StoreMoment closing("close");
  connection_.reset();
}

absl::Status Database::begin() {
  if (failpoint::fails("store.begin", path_)) return errno_status(errno, "beginning to write");
  return prepare("BEGIN IMMEDIATE").run();
}

absl::Status Database::commit() {
  if (failpoint::fails("store.commit", path_)) return errno_status(errno, "committing");
  const StoreMoment committing("commit");
  return prepare("COMMIT").run();
}

absl::Status Database::rollback() {
  if (failpoint::fails("store.rollback", path_)) return errno_status(errno, "rolling back");
  return execute("ROLLBACK");
}

absl::Status Database::execute(const std::string& sql) {
  return status_of(sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

Statement Database::prepare(const char* sql) {
  auto& cached = statements_[sql];
  if (cached == nullptr) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    cached.reset(statement);
  }
  return {*this, cached.get()};
}

absl::StatusOr<int64_t> Database::query_integer(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  int result = sqlite3_prepare_v2(connection_.get(), sql.c_str(), -1, &statement, nullptr);
  const std::unique_ptr<sqlite3_stmt, Finalize> owner(statement);
  if (result != SQLITE_OK) return status_of(result);
  result = sqlite3_step(statement);
  if (result == SQLITE_ROW) return sqlite3_column_int64(statement, 0);
  return status_of(result == SQLITE_DONE ? SQLITE_ERROR : result);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

int64_t Database::changes() const {
  return sqlite3_changes64(connection_.get());
}

absl::Status Database::checkpoint() {
  if (failpoint::fails("store.checkpoint", path_)) return errno_status(errno, "checkpointing");
  const StoreMoment checkpointing("checkpoint");
  return status_of(sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             nullptr, nullptr));
}

void Database::set_checkpoint_at_close(bool on) {
  sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
}

absl::Status Database::status_of(int result) const {
  if (result == SQLITE_OK) return absl::OkStatus();
  const char* reason = connection_ != nullptr ? sqlite3_errmsg(connection_.get()) : "";
  const std::string message = fmt::format("the store {}: {}", path_, reason);
  switch (result & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(
          message + "; make room on that disk, nothing was acknowledged and all goes on by itself");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(
          message +
          "; the file is damaged or not Muster's: move it aside and put back a copy of it from a "
          "backup, or start with an empty one and enrol the hosts anew");
    case SQLITE_CONSTRAINT:
      return absl::AlreadyExistsError(message);
    case SQLITE_IOERR: {
      const int error = sqlite3_system_errno(connection_.get());
      if (error == ENOSPC || error == EDQUOT) return errno_status(error, message);
      return absl::UnavailableError(error == 0 ? message
                                               : fmt::format("{}: {}", message, strerror(error)));
    }
    default:
      return absl::UnavailableError(message);
  }
}

}  // namespace muster::collector
