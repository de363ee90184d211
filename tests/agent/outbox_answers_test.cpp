// What the outbox makes of the collector's answers: the true ones, the late ones and the lies.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <functional>
#include <utility>

#include "tests/agent/outbox_fixture.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

TEST_F(OutboxTest, SendsWhatTheCollectorWants) {
  record("host", "a");
  sync();
  v1::SyncResponse response = commit(outbox_->batch(kMegabyte));
  response.add_wanted()->set_probe("host");
  response.add_wanted()->set_probe("never-heard-of");
  EXPECT_FALSE(outbox_->acknowledge(response));
  EXPECT_THAT(waiting(), ElementsAre("host 1 a"));
  EXPECT_TRUE(sync());
  EXPECT_THAT(waiting(), ElementsAre("host 1 -"));
}

TEST_F(OutboxTest, BeginsAnEpochAboveTheCollectors) {
  record("host", "a");
  record("host", "b");
  sync();
  record("certificates", "x");
  v1::SyncResponse response;
  response.set_epoch(outbox_->epoch() + 1'000'000'000);
  EXPECT_FALSE(outbox_->acknowledge(response));
  EXPECT_EQ(outbox_->epoch(), response.epoch() + 1);
  EXPECT_THAT(waiting(), ElementsAre("host 1 b", "certificates 1 x"));
  reopen();
  EXPECT_EQ(outbox_->epoch(), response.epoch() + 1);
  EXPECT_THAT(waiting(), ElementsAre("host 1 b", "certificates 1 x"));
}

TEST_F(OutboxTest, AnEpochThatLeavesNoneAboveItIsNotBelieved) {
  record("host", "a");
  const uint64_t epoch = outbox_->epoch();
  for (const uint64_t lie :
       {~uint64_t{0}, ~uint64_t{0} - 1, uint64_t{1} << 63, uint64_t{1} << 62}) {
    v1::SyncResponse response = commit(outbox_->batch(kMegabyte));
    response.set_epoch(lie);
    EXPECT_FALSE(outbox_->acknowledge(response));
    EXPECT_EQ(outbox_->epoch(), epoch) << lie;
    EXPECT_THAT(waiting(), ElementsAre("host 1 a"));
  }
}

TEST_F(OutboxTest, AnAnswerThatLiesLosesNothing) {
  record("host", "a");
  record("certificates", "x");
  const auto lies = std::to_array<std::pair<const char*, std::function<void(v1::SyncResponse&)>>>({
      {"nothing", [](auto& response) { response.Clear(); }},
      {"nothing committed", [](auto& response) { response.clear_committed(); }},
      {"sequence 0",
       [](auto& response) {
         for (auto& committed : *response.mutable_committed())
           committed.set_sequence(0);
       }},
      {"sequences never sent",
       [](auto& response) {
         for (auto& committed : *response.mutable_committed())
           committed.set_sequence(~uint64_t{0});
       }},
      {"another host's sections",
       [](auto& response) {
         for (auto& committed : *response.mutable_committed())
           committed.set_entity("fedcba9876543210fedcba9876543210");
       }},
      {"probes that are not there",
       [](auto& response) {
         for (auto& committed : *response.mutable_committed())
           committed.set_probe("never-heard-of");
       }},
      {"100,000 wanted",
       [](auto& response) {
         response.clear_committed();
         for (int i = 0; i < 100'000; ++i)
           response.add_wanted()->set_probe("never-heard-of");
       }},
  });
  for (const auto& [what, lie] : lies) {
    v1::SyncResponse response = commit(outbox_->batch(kMegabyte));
    lie(response);
    EXPECT_FALSE(outbox_->acknowledge(response)) << what;
    EXPECT_THAT(waiting(), ElementsAre("host 1 a", "certificates 1 x")) << what;
  }
  EXPECT_TRUE(sync());
  EXPECT_THAT(waiting(), ElementsAre("certificates 1 -", "host 1 -"));
}

TEST_F(OutboxTest, TakesNoAcknowledgementOfAnEarlierEpoch) {
  record("host", "a");
  v1::SyncResponse response = commit(outbox_->batch(kMegabyte));
  response.set_epoch(response.epoch() - 1);
  EXPECT_FALSE(outbox_->acknowledge(response));
  EXPECT_THAT(waiting(), ElementsAre("host 1 a"));
}

TEST_F(OutboxTest, NoticesThatItWasRestoredFromABackup) {
  record("host", "a");
  sync();
  fs::copy(path(), directory_.path() + "/backup");
  record("host", "b");
  record("host", "c");
  sync();
  const uint64_t epoch = outbox_->epoch();
  outbox_.reset();
  fs::remove_all(path());
  fs::rename(directory_.path() + "/backup", path());
  reopen();
  record("host", "d");
  v1::SyncResponse response = commit(outbox_->batch(kMegabyte));
  response.mutable_committed(0)->set_sequence(3);
  EXPECT_FALSE(outbox_->acknowledge(response));
  EXPECT_GT(outbox_->epoch(), epoch);
  EXPECT_THAT(waiting(), ElementsAre("host 1 d"));
}

TEST_F(OutboxTest, RefusedVersionsDoNotBlockTheOthers) {
  record("host", "a");
  record("host", "b");
  record("certificates", "x");
  const v1::SyncRequest request = outbox_->batch(kMegabyte);
  outbox_->refuse(request.versions(0));
  outbox_->refuse(request.versions(1));
  EXPECT_THAT(waiting(), ElementsAre("certificates 1 x"));
  EXPECT_EQ(outbox_->statistics().dropped, 2);
  record("host", "c");
  EXPECT_THAT(waiting(), ElementsAre("certificates 1 x", "host 3 c"));
}

}  // namespace
}  // namespace muster::agent
