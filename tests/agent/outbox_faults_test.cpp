// The outbox while its disk fails, at every passage of every point; and killed there.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>

#include "common/failpoint.h"
#include "tests/agent/outbox_story.h"
#include "tests/common/killed_child.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent::story {
namespace {

struct Fault {
  const char* point;
  const char* action;
  // A rule that goes with it where it stays, with its ';'.
  const char* also = "";
};

std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << fault.point << "=" << fault.action;
}

std::string text_name(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
  return text;
}

std::unique_ptr<Outbox> open_good(const std::string& directory) {
  absl::StatusOr<std::unique_ptr<Outbox>> outbox = open_outbox(directory);
  // An error of the directory ends the agent; its service starts it again.
  if (!outbox.ok()) outbox = open_outbox(directory);
  EXPECT_TRUE(outbox.ok()) << outbox.status();
  return outbox.ok() ? *std::move(outbox) : nullptr;
}

void expect_true_to(const ModelCollector& collector) {
  EXPECT_EQ(collector.facts_went_back, 0U);
  EXPECT_EQ(collector.sequence_used_twice, 0U);
  for (size_t i = 0; i < kSections; ++i)
    EXPECT_EQ(collector.fact[i], kChanges) << name_of(i);
}

class OutboxFaults : public testing::TestWithParam<Fault> {
 protected:
  ~OutboxFaults() override { failpoint::clear(); }

  // One life with the rule set from its start. With `restarts` the agent is started again as soon
  // as the fault came. Whether it came.
  static bool live(const std::string& rule, bool restarts) {
    const test::TemporaryDirectory directory(test::kInMemory);
    EXPECT_TRUE(failpoint::set_rules(rule).ok()) << rule;
    ModelCollector collector;
    std::unique_ptr<Outbox> outbox = open_good(directory.path());
    if (outbox == nullptr) return true;
    uint64_t dropped = 0;
    bool restarted = false;
    while (!is_over(collector)) {
      live_on(*outbox, collector);
      if (!restarts || restarted || failpoint::firings_of_all() == 0) continue;
      restarted = true;
      dropped += outbox->statistics().dropped;
      // What is only in memory goes with the process: at most one of each.
      dropped += kSections;
      outbox.reset();
      outbox = open_good(directory.path());
      if (outbox == nullptr) return true;
      look_again(*outbox, collector);
    }
    const bool fired = failpoint::firings_of_all() > 0;
    failpoint::clear();
    report(*outbox, collector);
    EXPECT_EQ(outbox->statistics().waiting, 0U);
    expect_true_to(collector);
    dropped += outbox->statistics().dropped;
    EXPECT_LE(collector.skipped, dropped) << "lost, and not counted";
    outbox.reset();
    outbox = open_good(directory.path());
    if (outbox == nullptr) return true;
    EXPECT_EQ(outbox->statistics().waiting, 0U) << "what is known is sent again";
    EXPECT_EQ(strangers_in(directory.path()), std::vector<std::string>());
    return fired;
  }
};

TEST_P(OutboxFaults, KeepTheOrderUseNoSequenceTwiceAndPassByThemselves) {
  uint64_t number = 1;
  for (;; ++number) {
    const std::string rule = fmt::format("{}#{}={}", GetParam().point, number, GetParam().action);
    SCOPED_TRACE(rule);
    const bool fired = live(rule, false);
    SCOPED_TRACE("and started again");
    live(rule, true);
    if (!fired || HasFailure()) break;
  }
  EXPECT_GT(number, 1U) << "the point was never reached";
}

TEST_P(OutboxFaults, ThatStayAreLivedWith) {
  for (const char* number : {"#2+", "#5+", "#9+"}) {
    const std::string rule =
        fmt::format("{}{}={}{}", GetParam().point, number, GetParam().action, GetParam().also);
    SCOPED_TRACE(rule);
    live(rule, false);
  }
}

// The worst there is: it reports from memory, and then even that is gone.
TEST_P(OutboxFaults, ThatStayUntilAKillUseNoSequenceTwiceAndEndUpTrue) {
  for (uint32_t begin = 0; begin < kChanges; ++begin) {
    for (uint32_t end = begin; end < kChanges; ++end) {
      SCOPED_TRACE(fmt::format("from change {} to {}", begin, end));
      const test::TemporaryDirectory directory(test::kInMemory);
      ModelCollector collector;
      std::unique_ptr<Outbox> outbox = open_good(directory.path());
      ASSERT_NE(outbox, nullptr);
      while (!is_over(collector)) {
        if (collector.world[0] == begin) {
          const std::string rule =
              fmt::format("{}={}{}", GetParam().point, GetParam().action, GetParam().also);
          ASSERT_TRUE(failpoint::set_rules(rule).ok());
        }
        const bool is_last = collector.world[0] == end;
        live_on(*outbox, collector);
        if (!is_last) continue;
        report(*outbox, collector);
        outbox.reset();
        failpoint::clear();
        // Where nothing could ever be saved, only the clock tells one life from the next.
        if (begin == 0) FixedClock::moved += std::chrono::seconds(1);
        // It changes while nobody looks.
        for (uint32_t& world : collector.world)
          world = std::min(world + 1, kChanges);
        outbox = open_good(directory.path());
        ASSERT_NE(outbox, nullptr);
        look_again(*outbox, collector);
      }
      report(*outbox, collector);
      expect_true_to(collector);
      EXPECT_EQ(outbox->statistics().waiting, 0U);
    }
  }
}

constexpr Fault kFaults[] = {
    {"file.create", "ENOSPC"},
    {"file.create", "EIO"},
    {"file.write", "ENOSPC"},
    {"file.write", "EIO"},
    {"file.write", "short"},
    {"file.write@.version", "EDQUOT"},
    {"file.write@cursor", "ENOSPC"},
    {"file.mode", "EIO"},
    {"file.sync", "ENOSPC"},
    {"file.sync", "EIO"},
    {"file.rename", "EIO"},
    {"file.rename", "ENOSPC"},
    {"file.rename@cursor", "EIO"},
    {"directory.sync", "EIO"},
    {"directory.sync", "ENOSPC"},
    {"outbox.remove", "EIO"},
    {"outbox.remove_cursor", "EIO"},
    // A file system that has become read-only: nothing can be removed either.
    {"file.create", "EROFS", ";outbox.remove_cursor=EROFS"},
    {"file.sync", "EROFS", ";outbox.remove_cursor=EROFS"},
};

INSTANTIATE_TEST_SUITE_P(Disk, OutboxFaults, testing::ValuesIn(kFaults),
                         [](const testing::TestParamInfo<Fault>& fault) {
                           return text_name(
                               fmt::format("{}_{}", fault.param.point, fault.param.action));
                         });

// The model outlives the child that talks to it.
class SharedCollector {
 public:
  SharedCollector()
      : memory_(::mmap(nullptr, sizeof(ModelCollector), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    collector_ = new (memory_) ModelCollector();
  }
  ~SharedCollector() { ::munmap(memory_, sizeof(ModelCollector)); }
  SharedCollector(const SharedCollector&) = delete;
  SharedCollector& operator=(const SharedCollector&) = delete;
  ModelCollector& get() { return *collector_; }

 private:
  void* memory_;
  ModelCollector* collector_;
};

class OutboxKill : public testing::TestWithParam<const char*> {
 protected:
  // Whether it was killed.
  static bool live(const std::string& rule) {
    const test::TemporaryDirectory directory(test::kInMemory);
    SharedCollector shared;
    ModelCollector& collector = shared.get();
    const test::ChildEnd end = test::run_until_killed(rule, [&](const auto&) {
      absl::StatusOr<std::unique_ptr<Outbox>> outbox = open_outbox(directory.path());
      if (!outbox.ok()) return false;
      while (!is_over(collector))
        live_on(**outbox, collector);
      return true;
    });
    const std::unique_ptr<Outbox> outbox = open_good(directory.path());
    if (outbox == nullptr) return end.killed;
    EXPECT_EQ(strangers_in(directory.path()), std::vector<std::string>()) << "after the start";
    EXPECT_EQ(outbox->statistics().damaged, 0U);
    report(*outbox, collector);
    for (size_t i = 0; i < kSections; ++i)
      EXPECT_GE(collector.fact[i], collector.recorded[i]) << "lost: " << name_of(i);
    look_again(*outbox, collector);
    while (!is_over(collector))
      live_on(*outbox, collector);
    report(*outbox, collector);
    expect_true_to(collector);
    EXPECT_EQ(collector.epochs_went_back, 0U);
    EXPECT_EQ(collector.skipped, 0U);
    EXPECT_EQ(outbox->statistics().waiting, 0U);
    return end.killed;
  }
};

TEST_P(OutboxKill, LosesNothingRecordedAndKeepsTheOrder) {
  size_t kills = 0;
  while (live(fmt::format("{}#{}=kill", GetParam(), kills + 1)) && !HasFailure())
    ++kills;
  EXPECT_GT(kills, 0U) << "the point was never reached";
  fmt::print("{}: {} kills\n", GetParam(), kills);
}

constexpr const char* kPoints[] = {"directory.make",     "directory.sync", "file.create",
                                   "file.write",         "file.mode",      "file.sync",
                                   "file.rename",        "outbox.remove",  "outbox.remove_cursor",
                                   "outbox.acknowledged"};

INSTANTIATE_TEST_SUITE_P(At, OutboxKill, testing::ValuesIn(kPoints),
                         [](const testing::TestParamInfo<const char*>& point) {
                           return text_name(point.param);
                         });

}  // namespace
}  // namespace muster::agent::story
