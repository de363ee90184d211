// A process with the store, killed at every passage of every point: what was promised is there, and
// of what was under way all or nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "common/failpoint.h"
#include "tests/collector/store_story.h"
#include "tests/common/killed_child.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector::story {
namespace {

bool tell_the_story(const std::string& directory, const std::function<void()>& promised) {
  absl::StatusOr<std::unique_ptr<StoreSqlite>> store = open_store(directory);
  if (!store.ok()) return false;
  for (const Step& step : the_story()) {
    if (!step.run(**store).ok()) return false;
    promised();
  }
  return true;
}

// A step may be there although nobody was told: then it cannot be done a second time.
bool is_done_already(const absl::Status& status) {
  return absl::IsAlreadyExists(status) || absl::IsFailedPrecondition(status);
}

std::vector<std::string> files_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

class StoreKill : public testing::TestWithParam<const char*> {
 protected:
  void check(const std::string& directory, const std::string& rule, size_t promised) {
    const std::vector<Step> steps = the_story();
    absl::StatusOr<std::unique_ptr<StoreSqlite>> store = open_store(directory);
    ASSERT_TRUE(store.ok()) << rule << ": " << store.status();
    const Content found = content_of(**store);
    const bool all_of_the_next =
        promised < steps.size() && found == content_after(steps, promised + 1);
    if (!all_of_the_next) {
      ASSERT_EQ(found, content_after(steps, promised)) << rule;
    }
    // It goes on by itself, and nothing is done twice.
    for (size_t i = all_of_the_next ? promised + 1 : promised; i < steps.size(); ++i) {
      const absl::Status status = steps[i].run(**store);
      ASSERT_TRUE(status.ok()) << rule << ", " << steps[i].name << ": " << status;
    }
    ASSERT_EQ(content_of(**store), content_after(steps, steps.size())) << rule;
    // A token that was taken is never taken again.
    EXPECT_TRUE(is_done_already(take(**store, "single")));
    store->reset();
    EXPECT_EQ(files_in(directory), (std::vector<std::string>{"store.db", "store.db.lock"}));
  }
};

TEST_P(StoreKill, LosesNothingPromisedAndDoublesNothing) {
  size_t kills = 0;
  for (size_t number = 1;; ++number) {
    const test::TemporaryDirectory directory(test::kInMemory);
    const std::string rule = fmt::format("{}#{}=kill", GetParam(), number);
    const test::ChildEnd end = test::run_until_killed(
        rule, [&](const auto& promised) { return tell_the_story(directory.path(), promised); });
    if (!end.killed) {
      EXPECT_EQ(end.steps, the_story().size());
      break;
    }
    ++kills;
    check(directory.path(), rule, end.steps);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(kills, 0U) << "the point was never reached";
  RecordProperty("kills", static_cast<int>(kills));
  fmt::print("{}: {} kills\n", GetParam(), kills);
}

constexpr const char* kPoints[] = {
    "lock.create",          "store.create",        "store.file.open",
    "store.begin",          "store.operation",     "store.commit",
    "store.committed",      "store.checkpoint",    "store.wal.write@commit ",
    "store.wal.sync",       "store.wal.delete",    "store.database.write@checkpoint ",
    "store.database.write", "store.database.sync", "store.journal.write",
    "store.journal.sync",   "store.journal.delete"};

std::string name_of(const testing::TestParamInfo<const char*>& point) {
  std::string name = point.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '@' || c == ' '; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(At, StoreKill, testing::ValuesIn(kPoints), name_of);

}  // namespace
}  // namespace muster::collector::story
