// The store between versions: an older one is brought forward step by step, a newer one is refused
// and left as it is.
#include "collector/store/store_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <map>
#include <memory>

#include "collector/store/store_sqlite.h"
#include "common/digest.h"
#include "common/text.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Close {
  void operator()(sqlite3* connection) const { sqlite3_close(connection); }
};
using Connection = std::unique_ptr<sqlite3, Close>;

Connection connect(const std::string& path) {
  sqlite3* connection = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
  return Connection(connection);
}

void run(const Connection& connection, const std::string& sql) {
  EXPECT_EQ(sqlite3_exec(connection.get(), sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(connection.get());
}

// The digest of every file beside the store by its name. Without the lock, and without an empty
// log, which SQLite makes to look: they hold nothing.
std::map<std::string, std::string> files_of(const test::TemporaryDirectory& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    const std::string content = directory.read(entry.path().filename());
    if (!content.empty()) files[entry.path().filename()] = to_hex(sha256(content));
  }
  return files;
}

class NewerStore : public ::testing::Test {
 protected:
  NewerStore() { EXPECT_TRUE(StoreSqlite::open({.path = path_}).ok()); }

  absl::Status open() { return StoreSqlite::open({.path = path_}).status(); }

  test::TemporaryDirectory directory_;
  const std::string path_ = directory_.file("store.sqlite");
};

TEST_F(NewerStore, IsRefusedWithWhatToDoAndNotOneByteIsChanged) {
  run(connect(path_), "CREATE TABLE of_the_future (x); PRAGMA user_version = 99");
  const auto before = files_of(directory_);
  const absl::Status refused = open();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr(path_), HasSubstr("schema version 99"),
                    HasSubstr("a newer muster-collector wrote it"), HasSubstr("Start that one"),
                    HasSubstr("the copy of the store from before the upgrade")));
  EXPECT_EQ(files_of(directory_), before);
}

TEST_F(NewerStore, ThatWasKilledKeepsItsLogToo) {
  // As after a kill: the version is in the log only, which nobody copied into the file.
  test::TemporaryDirectory killed;
  {
    const Connection connection = connect(path_);
    run(connection,
        "PRAGMA wal_autocheckpoint = 0; CREATE TABLE of_the_future (x);"
        "PRAGMA user_version = 99");
    for (const char* name : {"store.sqlite", "store.sqlite-wal"})
      killed.write(name, directory_.read(name), 0600);
  }
  const auto before = files_of(killed);
  ASSERT_TRUE(before.contains("store.sqlite-wal"));
  for (int i = 0; i < 2; ++i) {
    const absl::Status refused = StoreSqlite::open({.path = killed.file("store.sqlite")}).status();
    EXPECT_THAT(std::string(refused.message()), HasSubstr("schema version 99"));
    EXPECT_EQ(files_of(killed), before);
  }
}

TEST_F(NewerStore, OfAnotherProgramIsNotTurnedIntoOneWithALog) {
  const test::TemporaryDirectory other;
  const std::string path = other.file("store.sqlite");
  run(connect(path), "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
  const auto before = files_of(other);
  EXPECT_TRUE(absl::IsFailedPrecondition(StoreSqlite::open({.path = path}).status()));
  EXPECT_EQ(files_of(other), before);
}

// Invented steps: there is only one version yet.
constexpr const char* kFirst = "CREATE TABLE host (id TEXT PRIMARY KEY, name TEXT) STRICT;";
constexpr const char* kSecond =
    "ALTER TABLE host ADD COLUMN note TEXT NOT NULL DEFAULT 'none';"
    "UPDATE host SET note = 'was ' || name;";
constexpr const char* kThird = "CREATE TABLE added (x INTEGER) STRICT;";
constexpr const char* kBroken =
    "ALTER TABLE host ADD COLUMN half TEXT; INSERT INTO no_such_table VALUES (1);";

class Migration : public ::testing::Test {
 protected:
  void open() {
    database_.reset();
    auto opened = Database::open(path_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
  }

  template <size_t count>
  absl::Status migrate(const std::array<const char*, count>& steps) {
    return migrate_store(*database_, steps);
  }

  int64_t number(const std::string& sql) {
    const auto result = database_->query_integer(sql);
    EXPECT_TRUE(result.ok()) << sql << ": " << result.status();
    return result.value_or(-1);
  }

  // A store of the first version with a row.
  void open_first() {
    open();
    ASSERT_TRUE(migrate(std::array{kFirst}).ok());
    ASSERT_TRUE(database_->execute("INSERT INTO host VALUES ('a', 'web1')").ok());
    open();
  }

  test::TemporaryDirectory directory_;
  const std::string path_ = directory_.file("store.sqlite");
  std::unique_ptr<Database> database_;
};

TEST_F(Migration, BringsAnOlderStoreForwardOverSeveralSteps) {
  open_first();
  ASSERT_TRUE(migrate(std::array{kFirst, kSecond, kThird}).ok());
  open();
  EXPECT_EQ(number("PRAGMA user_version"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM host WHERE id = 'a' AND note = 'was web1'"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM added"), 0);
}

TEST_F(Migration, DoesNothingToAStoreThatIsThereAlready) {
  open_first();
  ASSERT_TRUE(migrate(std::array{kFirst, kSecond}).ok());
  database_.reset();
  const auto before = files_of(directory_);
  open();
  ASSERT_TRUE(migrate(std::array{kFirst, kSecond}).ok());
  database_.reset();
  EXPECT_EQ(files_of(directory_), before);
}

TEST_F(Migration, ThatFailsHalfWayThroughAStepLeavesTheVersionBeforeIt) {
  open_first();
  EXPECT_FALSE(migrate(std::array{kFirst, kSecond, kBroken}).ok());
  EXPECT_FALSE(database_->in_transaction());
  open();
  EXPECT_EQ(number("PRAGMA user_version"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM pragma_table_info('host') WHERE name = 'half'"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM host WHERE note = 'was web1'"), 1);
  // With a step that works it goes on from there.
  EXPECT_TRUE(migrate(std::array{kFirst, kSecond, kThird}).ok());
  EXPECT_EQ(number("PRAGMA user_version"), 3);
}

TEST_F(Migration, ThatIsKilledHalfWayThroughAStepIsRolledBackAtTheNextStart) {
  open_first();
  ASSERT_TRUE(database_->execute("PRAGMA journal_mode = WAL").ok());
  ASSERT_TRUE(database_
                  ->execute("BEGIN IMMEDIATE; ALTER TABLE host ADD COLUMN half TEXT;"
                            "UPDATE host SET half = 'x'; PRAGMA user_version = 2")
                  .ok());
  // What is on disk at that instant, as a kill leaves it.
  const test::TemporaryDirectory killed;
  for (const char* name : {"store.sqlite", "store.sqlite-wal"})
    killed.write(name, directory_.read(name), 0600);
  auto opened = Database::open(killed.file("store.sqlite"));
  ASSERT_TRUE(opened.ok());
  ASSERT_TRUE(migrate_store(**opened, std::array{kFirst, kSecond}).ok());
  EXPECT_EQ((*opened)->query_integer("PRAGMA user_version").value_or(-1), 2);
  EXPECT_EQ(
      (*opened)->query_integer("SELECT count(*) FROM host WHERE note = 'was web1'").value_or(-1),
      1);
}

}  // namespace
}  // namespace muster::collector
