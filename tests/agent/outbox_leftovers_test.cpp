// What the outbox puts aside or removes, while its disk lets it do neither, and killed at that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/failpoint.h"
#include "tests/agent/outbox_story.h"
#include "tests/common/killed_child.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent::story {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kFirst = "outbox/00000000000000000001-host.version";

class OutboxLeftovers : public testing::Test {
 protected:
  ~OutboxLeftovers() override { failpoint::clear(); }

  void open() {
    outbox_.reset();
    auto outbox = open_outbox(directory_.path());
    ASSERT_TRUE(outbox.ok()) << outbox.status();
    outbox_ = *std::move(outbox);
  }
  void record(uint32_t fact) { (void)outbox_->record(seen(0, fact)); }
  static void set_rules(const std::string& rules) {
    ASSERT_TRUE(failpoint::set_rules(rules).ok()) << rules;
  }
  void damage(const std::string& file) const { std::ofstream(directory_.file(file)) << "damaged"; }
  std::vector<std::string> strangers() const { return strangers_in(directory_.path()); }
  // A report that the collector takes.
  void deliver(uint32_t fact) {
    report(*outbox_, collector_);
    EXPECT_EQ(collector_.fact[0], fact);
    EXPECT_EQ(collector_.sequence_used_twice, 0U);
    EXPECT_EQ(outbox_->statistics().waiting, 0U);
  }

  const test::TemporaryDirectory directory_{test::kInMemory};
  std::unique_ptr<Outbox> outbox_;
  ModelCollector collector_;
};

TEST_F(OutboxLeftovers, AHalfWrittenFileThatCannotBeRemovedIsRemovedAtALaterStart) {
  open();
  set_rules("file.rename@.version=EIO;file.remove=EROFS");
  record(1);
  EXPECT_EQ(failpoint::firings("file.remove"), 1U);
  EXPECT_THAT(strangers(), SizeIs(1));
  set_rules("outbox.remove_temporary=EROFS");
  open();
  EXPECT_EQ(failpoint::firings("outbox.remove_temporary"), 1U);
  EXPECT_THAT(strangers(), SizeIs(1)) << "it is lived with";
  record(1);
  deliver(1);
  failpoint::clear();
  open();
  EXPECT_THAT(strangers(), IsEmpty());
  EXPECT_EQ(outbox_->statistics().damaged, 0U);
}

TEST_F(OutboxLeftovers, ADamagedFileThatCannotBeSetAsideIsRemoved) {
  open();
  record(1);
  damage(kFirst);
  set_rules("outbox.set_aside=EIO");
  open();
  EXPECT_EQ(failpoint::firings("outbox.set_aside"), 1U);
  EXPECT_EQ(outbox_->statistics().damaged, 1U);
  EXPECT_FALSE(std::filesystem::exists(directory_.file(kFirst)));
  EXPECT_THAT(strangers(), IsEmpty());
  record(2);
  deliver(2);
}

TEST_F(OutboxLeftovers, ADamagedFileThatStaysIsLivedWith) {
  open();
  record(1);
  deliver(1);
  const uint64_t epoch = outbox_->epoch();
  damage(kFirst);
  set_rules("outbox.set_aside=EROFS;outbox.remove_damaged=EROFS");
  open();
  EXPECT_EQ(failpoint::firings("outbox.remove_damaged"), 1U);
  EXPECT_TRUE(std::filesystem::exists(directory_.file(kFirst)));
  record(2);
  deliver(2);
  EXPECT_GT(outbox_->epoch(), epoch);
  failpoint::clear();
  open();
  record(2);
  deliver(2);
}

TEST_F(OutboxLeftovers, DamagedFilesThatCannotBeRemovedPileUpUntilTheyCan) {
  open();
  for (int i = 0; i < 16; ++i)
    damage(fmt::format("outbox/000000000000000001{:02d}-host.version.damaged", i));
  record(1);
  damage(kFirst);
  set_rules("outbox.remove_damaged=EROFS");
  open();
  EXPECT_GT(failpoint::firings("outbox.remove_damaged"), 0U);
  EXPECT_THAT(strangers(), SizeIs(17));
  record(2);
  damage(kFirst);
  failpoint::clear();
  open();
  EXPECT_THAT(strangers(), SizeIs(16));
}

TEST_F(OutboxLeftovers, AKillAtTheirRemovalLosesNothing) {
  for (const char* point :
       {"outbox.remove_temporary", "outbox.set_aside", "outbox.remove_damaged"}) {
    SCOPED_TRACE(point);
    const test::TemporaryDirectory directory(test::kInMemory);
    collector_ = {};
    {
      auto outbox = open_outbox(directory.path());
      ASSERT_TRUE(outbox.ok());
      (void)(*outbox)->record(seen(0, 1));
      (void)(*outbox)->record(seen(0, 2));
    }
    directory.write(kFirst, "damaged");
    directory.write("outbox/cursor.a1B2c3", "half");
    for (int i = 0; i < 16; ++i)
      directory.write(fmt::format("outbox/000000000000000001{:02d}-host.version.damaged", i), "");
    const test::ChildEnd end = test::run_until_killed(
        fmt::format("{}#1=kill", point),
        [&directory](const auto&) { return open_outbox(directory.path()).ok(); });
    EXPECT_TRUE(end.killed);
    auto outbox = open_outbox(directory.path());
    ASSERT_TRUE(outbox.ok()) << outbox.status();
    // One more, where the kill came before the oldest went: the next one that is set aside takes
    // it.
    EXPECT_THAT(strangers_in(directory.path()).size(), ::testing::AnyOf(16U, 17U));
    report(**outbox, collector_);
    EXPECT_EQ(collector_.fact[0], 2U);
  }
}

}  // namespace
}  // namespace muster::agent::story
