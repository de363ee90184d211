// The store's files: whose they are, damage, a full disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "collector/store/store_schema.h"
#include "tests/collector/store_fixture.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;

void run_sql(const std::string& path, const std::string& sql) {
  absl::StatusOr<std::unique_ptr<Database>> database = Database::open(path);
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE((*database)->execute(sql).ok());
}

TEST(StoreFiles, RefusesAStoreThatANewerBuildWrote) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  open_store(path).reset();
  run_sql(path, "PRAGMA user_version = 1000");
  const absl::Status status = StoreSqlite::open({.path = path}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("schema version 1000"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("a newer muster-collector wrote it"));
}

TEST(StoreFiles, RefusesTheDatabaseOfAnotherProgram) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  run_sql(path, "CREATE TABLE songs (title TEXT)");
  const absl::Status status = StoreSqlite::open({.path = path}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("another program"));
}

TEST(StoreFiles, RefusesToShareItsFileWithAnotherProcess) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  const auto first = open_store(path);
  const absl::Status status = StoreSqlite::open({.path = path}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("in use by another muster-collector"));
}

TEST(StoreFiles, SaysThatAFileIsDamagedAndWhatToDo) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  std::ofstream(path) << std::string(8192, 'x');
  const absl::Status status = StoreSqlite::open({.path = path}).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("damaged"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("backup"));
}

TEST(StoreFiles, SaysThatAPageInTheMiddleIsDamaged) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  {
    auto store = open_store(path);
    ASSERT_TRUE(add_host(*store, a_host()).ok());
    ASSERT_TRUE(commit(*store, a_write(1, {a_section("host", 1, std::string(100'000, 'f'))})).ok());
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(60'000, '\xff');
  }
  auto store = StoreSqlite::open({.path = path});
  const absl::Status status = store.ok() ? (*store)->load_hosts().status() : store.status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

TEST(StoreFiles, RefusesWhatDoesNotFitOnTheDiskAndGoesOnByItself) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  auto opened = StoreSqlite::open({.path = path, .max_pages = 60});
  ASSERT_TRUE(opened.ok()) << opened.status();
  auto store = *std::move(opened);
  ASSERT_TRUE(add_host(*store, a_host()).ok());
  ASSERT_TRUE(commit(*store, a_write(1, {a_section("host", 1, "small")})).ok());

  const absl::Status status =
      commit(*store, a_write(1, {a_section("host", 2, std::string(400'000, 'f'))}));
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(store->load_hosts()->front().sections.front().sequence, 1u);

  EXPECT_TRUE(commit(*store, a_write(1, {a_section("host", 2, "smaller")})).ok());
  EXPECT_EQ(store->load_hosts()->front().sections.front().state.facts, "smaller");
}

TEST(StoreFiles, CopiesItsLogIntoTheFileSoThatItStaysSmall) {
  const test::TemporaryDirectory directory;
  absl::StatusOr<std::unique_ptr<StoreSqlite>> store =
      StoreSqlite::open({.path = directory.file("store.db"), .checkpoint_pages = 20});
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(add_host(**store, a_host()).ok());
  constexpr size_t kFacts = 40'000;
  for (uint64_t sequence = 1; sequence <= 30; ++sequence) {
    const std::string facts(kFacts, static_cast<char>('a' + sequence % 26));
    ASSERT_TRUE(commit(**store, a_write(1, {a_section("host", sequence, facts)})).ok());
  }
  // A few commits long, not thirty.
  EXPECT_LT(std::filesystem::file_size(directory.file("store.db-wal")), 5 * kFacts);
}

TEST(StoreFiles, KeepsItsFilesFromOtherUsers) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
  auto store = open_store(path);
  ASSERT_TRUE(add_host(*store, a_host()).ok());
  for (const char* suffix : {"", "-wal", ".lock"}) {
    const auto permissions = std::filesystem::status(path + suffix).permissions();
    EXPECT_EQ(permissions & std::filesystem::perms::all,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << suffix;
  }
  EXPECT_GT(store->size_bytes(), 4096u);
}

}  // namespace
}  // namespace muster::collector
