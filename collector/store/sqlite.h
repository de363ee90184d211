// SQLite's C types as RAII, and its results as statuses. One thread at a time: the store's own.
// Statements are prepared once a text and kept.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace muster::collector {

class Database;

// A prepared statement in use: bind in order, then step or run. Resets itself at its end, so that
// it may be used again. Binding never fails on its own: an error shows at the step.
class Statement {
 public:
  Statement(Database& database, sqlite3_stmt* statement);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // The next parameter, from 1 on. The data must live until the statement's end.
  Statement& text(std::string_view value);
  Statement& blob(std::string_view value);
  Statement& integer(int64_t value);
  // Unsigned values beyond 2^63 are kept by their bits.
  Statement& unsigned_integer(uint64_t value);
  Statement& real(double value);
  Statement& null();

  // True: a row is there.
  absl::StatusOr<bool> step();
  // Runs to the end; rows are not expected.
  absl::Status run();

  // Columns of the row, from 0 on. Text and blobs are copied.
  std::string column_text(int column) const;
  int64_t column_integer(int column) const;
  uint64_t column_unsigned(int column) const;
  double column_real(int column) const;
  bool column_is_null(int column) const;

 private:
  Database& database_;
  // Owned by the database's cache. Null when the text could not be prepared.
  sqlite3_stmt* statement_;
  int next_parameter_ = 1;
  int bind_result_ = 0;
};

class Database {
 public:
  // Opens the file, or makes it with mode 0600.
  static absl::StatusOr<std::unique_ptr<Database>> open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // A transaction that takes the write lock at once; what a commit reports is on disk.
  absl::Status begin();
  absl::Status commit();
  absl::Status rollback();
  // One or more statements without parameters.
  absl::Status execute(const std::string& sql);
  // `sql` must be a literal: its address is its name in the cache.
  Statement prepare(const char* sql);
  // The first column of the only row.
  absl::StatusOr<int64_t> query_integer(const std::string& sql);

  // Whether a transaction is open. SQLite may end one by itself when the disk is full.
  bool in_transaction() const;
  // Rows changed by the last statement.
  int64_t changes() const;
  // Pages in the write-ahead log after the last commit.
  int pages_in_log() const { return pages_in_log_; }
  // How many commits had something to write, which a read has not.
  uint64_t commits_written() const { return commits_written_; }
  absl::Status checkpoint();
  // Whether closing copies the log into the file and removes it, as SQLite does unless told. Off, a
  // database that was only read is left byte for byte as it was.
  void set_checkpoint_at_close(bool on);

  // The status for a result code: full disk ResourceExhausted, damaged DataLoss, a broken
  // constraint AlreadyExists, else Unavailable. Names the file.
  absl::Status status_of(int result) const;

 private:
  friend class Statement;
  friend class DatabaseCopy;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  struct Close {
    void operator()(sqlite3* connection) const;
  };

  explicit Database(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::unique_ptr<sqlite3, Close> connection_;
  std::map<const char*, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
  int pages_in_log_ = 0;
  uint64_t commits_written_ = 0;
};

}  // namespace muster::collector
