// What the outbox keeps and in which order it gives it: changes, heartbeats, over restarts, within
// its bounds and while the disk is full.
#include "agent/outbox/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/agent/outbox_fixture.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(OutboxTest, SendsChangesInTheirOrderAndThenHeartbeats) {
  record("host", "a");
  record("certificates", "x");
  record("host", "b");
  EXPECT_THAT(waiting(), ElementsAre("host 1 a", "certificates 1 x", "host 2 b"));
  EXPECT_TRUE(sync());
  EXPECT_THAT(waiting(), ElementsAre("certificates 1 -", "host 2 -"));
  EXPECT_FALSE(sync());
}

TEST_F(OutboxTest, ALookThatSaysTheSameMovesTimeAndMeasurementsOnly) {
  record("host", "a");
  sync();
  clock_.advance(1h);
  v1::Section again = seen("host", "a");
  again.add_measurements()->set_name("offset_seconds");
  ASSERT_TRUE(outbox_->record(again).ok());
  const v1::SyncRequest request = outbox_->batch(kMegabyte);
  EXPECT_THAT(texts(request), ElementsAre("host 1 -"));
  EXPECT_EQ(from_proto(request.versions(0).observed_at()), clock_.now());
  EXPECT_EQ(from_proto(request.versions(0).changed_at()), clock_.now() - 1h);
  EXPECT_EQ(request.versions(0).measurements_size(), 1);
}

TEST_F(OutboxTest, ReadsBackWhatAProbeSaidLast) {
  EXPECT_TRUE(absl::IsNotFound(outbox_->newest("host").status()));
  record("host", "a");
  record("host", "b");
  record(seen_of("shop", "of a target"));
  sync();
  for (int i = 0; i < 2; ++i) {
    const auto section = outbox_->newest("host");
    ASSERT_TRUE(section.ok()) << section.status();
    EXPECT_EQ(section->probe(), "host");
    EXPECT_EQ(section->outcome(), v1::OUTCOME_OBSERVED);
    EXPECT_EQ(section->facts_type(), "muster.v1.HostFacts");
    EXPECT_EQ(section->facts(), "b");
    EXPECT_TRUE(absl::IsNotFound(outbox_->newest("tcp").status()));
    reopen();
  }
}

TEST_F(OutboxTest, OutcomeAndReasonMakeAVersionToo) {
  record("host", "a");
  v1::Section failed;
  failed.set_probe("host");
  failed.set_outcome(v1::OUTCOME_FAILED);
  failed.set_reason("killed");
  *failed.mutable_observed_at() = to_proto(clock_.now());
  ASSERT_TRUE(outbox_->record(failed).ok());
  ASSERT_TRUE(outbox_->record(failed).ok());
  failed.set_reason("not installed");
  ASSERT_TRUE(outbox_->record(failed).ok());
  EXPECT_THAT(waiting(), ElementsAre("host 1 a", "host 2 -", "host 3 -"));
}

TEST_F(OutboxTest, ConfirmsWhatALookFoundAndNoFailure) {
  EXPECT_FALSE(outbox_->confirm("host", clock_.now())) << "there is none";
  record("host", "a");
  clock_.advance(1h);
  EXPECT_TRUE(outbox_->confirm("host", clock_.now()));
  EXPECT_EQ(from_proto(outbox_->batch(kMegabyte).versions(0).observed_at()), clock_.now());
  v1::Section other = seen("host", "");
  other.set_reason("broken");
  other.set_outcome(v1::OUTCOME_NOT_APPLICABLE);
  ASSERT_TRUE(outbox_->record(other).ok());
  EXPECT_TRUE(outbox_->confirm("host", clock_.now()));
  other.set_outcome(v1::OUTCOME_FAILED);
  ASSERT_TRUE(outbox_->record(other).ok());
  EXPECT_FALSE(outbox_->confirm("host", clock_.now()));
}

TEST_F(OutboxTest, KeepsEverythingOverARestart) {
  record("host", "a");
  record("host", "b");
  const uint64_t epoch = outbox_->epoch();
  reopen();
  EXPECT_EQ(outbox_->epoch(), epoch);
  EXPECT_THAT(waiting(), ElementsAre("host 1 a", "host 2 b"));
}

TEST_F(OutboxTest, WritesItsFilesForItsOwnerOnly) {
  auto opened = Outbox::open({.directory = directory_.path() + "/other", .write = {}}, clock_);
  ASSERT_TRUE(opened.ok());
  ASSERT_TRUE((*opened)->record(seen("host", "a")).ok());
  for (const auto& entry : fs::directory_iterator(directory_.path() + "/other")) {
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write)
        << entry.path();
  }
}

TEST_F(OutboxTest, SendsNothingKnownAgainAfterARestart) {
  record("host", "a");
  sync();
  reopen();
  EXPECT_THAT(waiting(), IsEmpty()) << "no heartbeat of what no look has confirmed";
  record("host", "a");
  EXPECT_THAT(waiting(), ElementsAre("host 1 -"));
  record("host", "b");
  EXPECT_THAT(waiting(), ElementsAre("host 2 b"));
}

TEST_F(OutboxTest, KeepsOneFilePerProbeOnceAllIsAcknowledged) {
  for (const char* facts : {"a", "b", "c"})
    record("host", facts);
  sync();
  EXPECT_THAT(files(), ElementsAre("00000000000000000003-host.version", "cursor"));
}

TEST_F(OutboxTest, ABatchHoldsItsLimitOrOneVersion) {
  record("host", std::string(600, 'a'));
  record("host", std::string(600, 'b'));
  record("host", std::string(2000, 'c'));
  v1::SyncRequest request = outbox_->batch(1500);
  EXPECT_EQ(request.versions_size(), 2);
  EXPECT_TRUE(request.more());
  EXPECT_TRUE(outbox_->acknowledge(commit(request)));
  request = outbox_->batch(1500);
  EXPECT_EQ(request.versions_size(), 1) << "larger than the limit, so alone";
  EXPECT_FALSE(request.more());
}

TEST_F(OutboxTest, DropsTheOldestPastItsBytesButNeverTheNewestOfAProbe) {
  options_.bytes_limit = 2500;
  reopen();
  record("certificates", std::string(600, 'x'));
  for (const char letter : {'a', 'b', 'c', 'd'})
    record("host", std::string(600, letter));
  std::vector<std::string> kept = waiting();
  for (std::string& text : kept)
    text.resize(text.find(' ') + 4);
  EXPECT_THAT(kept, ElementsAre("certificates 1 x", "host 3 c", "host 4 d"));
  EXPECT_EQ(outbox_->statistics().dropped, 2);
  EXPECT_LE(outbox_->statistics().bytes, 2500);
}

TEST_F(OutboxTest, DropsWhatIsTooOldButNeverTheNewestOfAProbe) {
  record("host", "a");
  record("certificates", "x");
  record("host", "b");
  clock_.advance(7 * 24h + 1s);
  record("packages-apt", "p");
  EXPECT_THAT(waiting(), ElementsAre("certificates 1 x", "host 2 b", "packages-apt 1 p"));
  EXPECT_EQ(outbox_->statistics().dropped, 1);
}

TEST_F(OutboxTest, AFullDiskHoldsTheNewestInMemoryAndTriesAgain) {
  record("host", "a");
  sync();
  disk_full_ = true;
  EXPECT_THAT(outbox_->record(seen("host", "b")).message(), HasSubstr("No space left"));
  EXPECT_FALSE(outbox_->record(seen("host", "c")).ok());
  EXPECT_EQ(outbox_->statistics().dropped, 1);
  EXPECT_FALSE(outbox_->flush().ok());
  EXPECT_THAT(waiting(), ElementsAre("host 3 c"));
  disk_full_ = false;
  EXPECT_TRUE(outbox_->flush().ok());
  const uint64_t epoch = outbox_->epoch();
  reopen();
  EXPECT_EQ(outbox_->epoch(), epoch);
  EXPECT_THAT(waiting(), ElementsAre("host 3 c"));
}

TEST_F(OutboxTest, ASequenceIsNeverUsedTwiceEvenIfTheDiskWasFull) {
  record("host", "a");
  sync();
  disk_full_ = true;
  EXPECT_FALSE(outbox_->record(seen("host", "b")).ok());
  const uint64_t epoch = outbox_->epoch();
  EXPECT_TRUE(sync()) << "the collector has `host 2` now, the disk has not";
  reopen();
  disk_full_ = false;
  ASSERT_TRUE(outbox_->flush().ok());
  EXPECT_GT(outbox_->epoch(), epoch);
  record("host", "other");
  EXPECT_THAT(waiting(), ElementsAre("host 1 a", "host 2 other"));
}

}  // namespace
}  // namespace muster::agent
