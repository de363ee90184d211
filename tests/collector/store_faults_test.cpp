// The store while the disk fails: at every passage of every point, once and for a while.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/failpoint.h"
#include "tests/collector/store_story.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector::story {
namespace {

struct Fault {
  const char* point;
  const char* action;
  absl::StatusCode code;
  // Where SQLite asks for the errno only after other calls may have changed it: this is as good,
  // for it is retryable too.
  absl::StatusCode or_code = code;
};

std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << fault.point << "=" << fault.action;
}

constexpr absl::StatusCode kFull = absl::StatusCode::kResourceExhausted;
constexpr absl::StatusCode kBroken = absl::StatusCode::kUnavailable;

class StoreFaults : public testing::TestWithParam<Fault> {
 protected:
  ~StoreFaults() override { failpoint::clear(); }

  static void set_rule(uint64_t number, const char* later) {
    const std::string rule =
        fmt::format("{}#{}{}={}", GetParam().point, number, later, GetParam().action);
    ASSERT_TRUE(failpoint::set_rules(rule).ok()) << rule;
  }
  static void expect_retryable(const absl::Status& status) {
    EXPECT_THAT(status.code(), testing::AnyOf(GetParam().code, GetParam().or_code)) << status;
  }
};

class ARollback : public testing::Test {
 protected:
  ~ARollback() override { failpoint::clear(); }
};

class AFullDisk : public testing::Test {
 protected:
  ~AFullDisk() override { failpoint::clear(); }
};

using AFailedCheckpoint = AFullDisk;

// Opens, and once more if that fails: only once does it fail.
std::unique_ptr<StoreSqlite> open_twice(const std::string& directory) {
  absl::StatusOr<std::unique_ptr<StoreSqlite>> store = open_store(directory);
  if (!store.ok()) store = open_store(directory);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

TEST_P(StoreFaults, EachIsARetryableErrorAndTheSameStoreGoesOn) {
  const std::vector<Step> steps = the_story();
  const Content all = content_after(steps, steps.size());
  uint64_t number = 1;
  // Until a passage is never reached.
  for (;; ++number) {
    const test::TemporaryDirectory directory(test::kInMemory);
    set_rule(number, "");
    {
      auto store = open_twice(directory.path());
      ASSERT_NE(store, nullptr);
      for (const Step& step : steps) {
        SCOPED_TRACE(fmt::format("{} at passage {}", step.name, number));
        absl::Status status = step.run(*store);
        if (!status.ok()) {
          expect_retryable(status);
          status = step.run(*store);
        }
        ASSERT_TRUE(status.ok()) << status;
      }
      ASSERT_EQ(content_of(*store), all) << "passage " << number;
    }
    const bool over = failpoint::firings_of_all() == 0;
    failpoint::clear();
    const auto store = open_twice(directory.path());
    ASSERT_NE(store, nullptr);
    ASSERT_EQ(content_of(*store), all) << "reopened after passage " << number;
    if (over) break;
  }
  RecordProperty("passages", static_cast<int>(number - 1));
  EXPECT_GT(number, 1U) << "the point was never reached";
}

TEST_P(StoreFaults, WhileItLastsNothingIsPromisedAndAfterwardsAllIsWrittenByItself) {
  const std::vector<Step> steps = the_story();
  const Content all = content_after(steps, steps.size());
  const test::TemporaryDirectory directory(test::kInMemory);
  // The points below SQLite are there when rules are set as it opens.
  ASSERT_TRUE(failpoint::set_rules("store.wal.write=note").ok());
  auto store = open_twice(directory.path());
  ASSERT_NE(store, nullptr);
  Content promised;
  size_t refused = 0;
  for (const Step& step : steps) {
    SCOPED_TRACE(step.name);
    set_rule(1, "+");
    absl::Status status = step.run(*store);
    if (!status.ok()) {
      ++refused;
      expect_retryable(status);
      EXPECT_FALSE(store->writable());
      failpoint::clear();
      EXPECT_EQ(content_of(*store), promised) << "what was refused is there";
      status = step.run(*store);
    }
    failpoint::clear();
    ASSERT_TRUE(status.ok()) << status;
    step.apply(promised);
  }
  // The others are only passed when the store is opened or its log copied, which refuses nothing.
  const std::set<std::string_view> of_every_write = {"store.begin", "store.commit",
                                                     "store.wal.write", "store.wal.sync"};
  if (of_every_write.contains(GetParam().point)) {
    EXPECT_EQ(refused, steps.size());
  }
  // The last step may have come before a checkpoint that failed.
  ASSERT_TRUE(steps.front().run(*store).code() == absl::StatusCode::kAlreadyExists);
  // Asked after that: the answers come before the checkpoint.
  EXPECT_EQ(content_of(*store), all);
  EXPECT_TRUE(store->writable());
  store.reset();
  store = open_twice(directory.path());
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(content_of(*store), all);
}

TEST_F(ARollback, ThatFailsIsTriedAgainBeforeTheNextWrite) {
  const test::TemporaryDirectory directory(test::kInMemory);
  const auto store = open_twice(directory.path());
  ASSERT_NE(store, nullptr);
  const Step step = add_host(kWeb1, "web1");
  ASSERT_TRUE(failpoint::set_rules("store.commit#1+=EIO;store.rollback#1+=EIO").ok());
  EXPECT_FALSE(step.run(*store).ok());
  EXPECT_GT(failpoint::firings("store.rollback"), 0U);
  failpoint::clear();
  const absl::Status again = step.run(*store);
  EXPECT_TRUE(again.ok()) << again;
}

TEST_F(AFullDisk, IsNoLessFullAfterARead) {
  const test::TemporaryDirectory directory(test::kInMemory);
  // The points below SQLite are there when rules are set as it opens.
  ASSERT_TRUE(failpoint::set_rules("store.wal.write=note").ok());
  const auto store = open_twice(directory.path());
  ASSERT_NE(store, nullptr);
  ASSERT_TRUE(put_token("thrice", 3).run(*store).ok());
  ASSERT_TRUE(failpoint::set_rules("store.wal.write=ENOSPC").ok());
  EXPECT_FALSE(take(*store, "thrice").ok());
  EXPECT_FALSE(store->writable());
  EXPECT_EQ(store->load_tokens()->size(), 1U);
  EXPECT_FALSE(store->writable()) << "a read made room";
  EXPECT_TRUE(absl::IsNotFound(take(*store, "a stranger's")));
  EXPECT_FALSE(store->writable()) << "a wrong token made room";
  failpoint::clear();
  EXPECT_TRUE(store->load_tokens().ok());
  EXPECT_FALSE(store->writable()) << "that there is room is not known before something is written";
  EXPECT_TRUE(take(*store, "thrice").ok());
  EXPECT_TRUE(store->writable());
}

TEST_F(AFailedCheckpoint, IsNotHiddenByCommitsThatGoWell) {
  const test::TemporaryDirectory directory(test::kInMemory);
  const auto store = open_twice(directory.path());
  ASSERT_NE(store, nullptr);
  ASSERT_TRUE(add_host(kWeb1, "web1").run(*store).ok());
  ASSERT_TRUE(failpoint::set_rules("store.checkpoint=EIO").ok());
  ASSERT_TRUE(sync(kWeb1, "host", 1, 100'000).run(*store).ok());
  // A read waits for the checkpoint, which comes after the answer.
  EXPECT_TRUE(store->load_tokens().ok());
  for (uint64_t sequence = 2; sequence < 10; ++sequence) {
    ASSERT_TRUE(sync(kWeb1, "host", sequence, 100).run(*store).ok());
    EXPECT_FALSE(store->writable()) << sequence;
  }
  failpoint::clear();
  ASSERT_TRUE(sync(kWeb1, "host", 10, 100).run(*store).ok());
  EXPECT_TRUE(store->load_tokens().ok());
  EXPECT_TRUE(store->writable());
}

constexpr Fault kFaults[] = {
    {"store.begin", "ENOSPC", kFull},
    {"store.begin", "EIO", kBroken},
    {"store.commit", "ENOSPC", kFull},
    {"store.commit", "EIO", kBroken},
    {"store.checkpoint", "ENOSPC", kFull},
    {"store.checkpoint", "EIO", kBroken},
    {"store.wal.write", "ENOSPC", kFull},
    {"store.wal.write", "EDQUOT", kFull},
    {"store.wal.write", "EIO", kBroken},
    {"store.wal.write", "short", kFull},
    {"store.wal.sync", "ENOSPC", kFull, kBroken},
    {"store.wal.sync", "EIO", kBroken},
    {"store.wal.delete", "EIO", kBroken},
    {"store.database.write", "ENOSPC", kFull},
    {"store.database.write", "EIO", kBroken},
    {"store.database.write", "short", kFull},
    {"store.database.sync", "ENOSPC", kFull},
    {"store.database.sync", "EIO", kBroken},
    {"store.database.truncate", "EIO", kBroken},
    {"store.journal.write", "ENOSPC", kFull},
    {"store.journal.write", "EIO", kBroken},
    {"store.journal.write", "short", kFull},
    {"store.journal.sync", "EIO", kBroken},
    {"store.journal.delete", "EIO", kBroken},
    {"store.file.open", "EIO", kBroken},
    {"store.create", "ENOSPC", kFull},
    {"lock.create", "ENOSPC", kFull},
};

std::string name_of(const testing::TestParamInfo<Fault>& fault) {
  std::string name = fmt::format("{}_{}", fault.param.point, fault.param.action);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Disk, StoreFaults, testing::ValuesIn(kFaults), name_of);

}  // namespace
}  // namespace muster::collector::story
