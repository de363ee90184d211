// Thousands of targets beside the host's probes: many versions at once, their heartbeats, what the
// collector refuses, and what is noted of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "tests/agent/outbox_fixture.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OutboxTargets : public OutboxTest {
 protected:
  static std::string name(int number) { return "target-" + std::to_string(number); }

  std::vector<v1::Section> looks(int count, const std::string& facts) const {
    std::vector<v1::Section> sections;
    for (int i = 0; i < count; ++i)
      sections.push_back(seen_of(name(i), facts));
    return sections;
  }
  void look(int count, const std::string& facts) {
    const absl::Status recorded = outbox_->record_all(looks(count, facts));
    ASSERT_TRUE(recorded.ok()) << recorded;
  }
  // Reports until nothing waits or is due. The versions in each.
  std::vector<int> drain() {
    std::vector<int> sizes;
    bool more = true;
    while (more && sizes.size() < 50) {
      const v1::SyncRequest request = outbox_->batch(kMegabyte);
      more = request.more();
      sizes.push_back(request.versions_size());
      outbox_->acknowledge(commit(request));
    }
    return sizes;
  }
  v1::SyncResponse refusal(const std::string& target, uint64_t sequence) const {
    v1::SyncResponse response;
    response.set_epoch(outbox_->epoch());
    v1::RefusedSection& refused = *response.add_refused();
    refused.set_entity(target);
    refused.set_probe("tcp");
    refused.set_sequence(sequence);
    return response;
  }
};

TEST_F(OutboxTargets, ManyAreSavedInAFewWrites) {
  const int before = writes_;
  look(2500, "up");
  EXPECT_EQ(writes_ - before, 3);
  EXPECT_EQ(files().size(), 2501);
  EXPECT_EQ(outbox_->statistics().waiting, 2500);
  reopen();
  EXPECT_EQ(outbox_->statistics().waiting, 2500);
}

TEST_F(OutboxTargets, ManyOfOneAreKeptInTheirOrder) {
  const std::vector<v1::Section> sections = {seen_of("shop", "up"),   seen_of("mail", "up"),
                                             seen_of("shop", "down"), seen_of("shop", "down"),
                                             seen("host", "a"),       seen_of("shop", "up")};
  ASSERT_TRUE(outbox_->record_all(sections).ok());
  EXPECT_THAT(waiting(), ElementsAre("shop/tcp 1 up", "mail/tcp 2 up", "shop/tcp 3 down",
                                     "host 1 a", "shop/tcp 5 up"));
}

TEST_F(OutboxTargets, WhatIsNoSectionIsLeftOutAndTheOthersAreTaken) {
  v1::Section nameless = seen_of("shop", "up");
  nameless.set_probe("../tcp");
  const std::vector<v1::Section> sections = {seen_of("mail", "up"), nameless, seen_of("db", "up")};
  const absl::Status recorded = outbox_->record_all(sections);
  EXPECT_EQ(recorded.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(recorded.message(), HasSubstr("'../tcp' is no name of a probe"));
  EXPECT_THAT(waiting(), ElementsAre("mail/tcp 1 up", "db/tcp 2 up"));
}

TEST_F(OutboxTargets, AFullDiskHoldsTheNewestOfEachInMemory) {
  look(3, "up");
  sync();
  disk_full_ = true;
  EXPECT_FALSE(outbox_->record_all(looks(3, "down")).ok());
  EXPECT_FALSE(outbox_->record_all(looks(3, "slow")).ok());
  EXPECT_EQ(outbox_->statistics().dropped, 3);
  EXPECT_THAT(waiting(),
              ElementsAre("target-0/tcp 7 slow", "target-1/tcp 8 slow", "target-2/tcp 9 slow"));
  disk_full_ = false;
  EXPECT_TRUE(outbox_->flush().ok());
  const uint64_t epoch = outbox_->epoch();
  reopen();
  EXPECT_EQ(outbox_->epoch(), epoch);
  EXPECT_EQ(outbox_->statistics().waiting, 3);
}

TEST_F(OutboxTargets, HaveAHeartbeatOnlyWhenALookConfirmedThem) {
  record("host", "a");
  look(2, "up");
  sync();
  EXPECT_THAT(waiting(), ElementsAre("host 1 -"));
  clock_.advance(1min);
  v1::Section again = seen_of(name(1), "up");
  again.add_measurements()->set_name("connect_seconds");
  record(again);
  const v1::SyncRequest request = outbox_->batch(kMegabyte);
  EXPECT_THAT(texts(request), ElementsAre("host 1 -", "target-1/tcp 3 -"));
  EXPECT_EQ(from_proto(request.versions(1).observed_at()), clock_.now());
  EXPECT_EQ(request.versions(1).measurements_size(), 1);
  EXPECT_FALSE(request.more());
  EXPECT_TRUE(outbox_->acknowledge(commit(request)));
  EXPECT_THAT(waiting(), ElementsAre("host 1 -"));
}

TEST_F(OutboxTargets, SendAHeartbeatAgainWhoseAnswerNeverCame) {
  look(2, "up");
  sync();
  look(2, "up");
  EXPECT_THAT(waiting(), ElementsAre("target-0/tcp 1 -", "target-1/tcp 2 -"));
  clock_.advance(1min);
  look(1, "up");
  const v1::SyncRequest request = outbox_->batch(kMegabyte);
  EXPECT_THAT(texts(request), ElementsAre("target-0/tcp 1 -", "target-1/tcp 2 -"));
  EXPECT_EQ(from_proto(request.versions(0).observed_at()), clock_.now());
  v1::SyncResponse of_another_epoch = commit(request);
  of_another_epoch.set_epoch(request.epoch() - 1);
  EXPECT_FALSE(outbox_->acknowledge(of_another_epoch));
  EXPECT_THAT(waiting(), ElementsAre("target-0/tcp 1 -", "target-1/tcp 2 -"));
}

TEST_F(OutboxTargets, AReportHasAThousandVersionsAndMoreFollow) {
  record("host", "a");
  look(2500, "up");
  EXPECT_THAT(drain(), ElementsAre(999, 1000, 504))
      << "and the host's heartbeat where there is one";
  look(2500, "up");
  EXPECT_THAT(drain(), ElementsAre(1000, 1000, 503));
  EXPECT_THAT(drain(), ElementsAre(1));
}

TEST_F(OutboxTargets, NoHeartbeatStarves) {
  look(2500, "up");
  drain();
  std::map<std::string, int> last;
  for (int report = 1; report <= 9; ++report) {
    look(2500, "up");
    const v1::SyncRequest request = outbox_->batch(kMegabyte);
    EXPECT_TRUE(request.more());
    for (const v1::SectionVersion& version : request.versions())
      last[version.entity()] = report;
    outbox_->acknowledge(commit(request));
    if (report < 3) continue;
    EXPECT_EQ(last.size(), 2500);
    for (const auto& [target, when] : last)
      ASSERT_GT(when, report - 3) << target;
  }
}

TEST_F(OutboxTargets, AVersionThatWaitsNeedsNoHeartbeat) {
  look(1, "up");
  look(1, "up");
  EXPECT_THAT(waiting(), ElementsAre("target-0/tcp 1 up"));
  sync();
  EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(OutboxTargets, ALookAfterTheReportIsSentWithTheNext) {
  look(1, "up");
  const v1::SyncRequest request = outbox_->batch(kMegabyte);
  look(1, "up");
  outbox_->acknowledge(commit(request));
  EXPECT_THAT(waiting(), ElementsAre("target-0/tcp 1 -"));
}

TEST_F(OutboxTargets, SendWhatTheCollectorWants) {
  look(2, "up");
  sync();
  v1::SyncResponse response;
  response.set_epoch(outbox_->epoch());
  response.add_wanted()->set_entity(name(1));
  response.mutable_wanted(0)->set_probe("tcp");
  outbox_->acknowledge(response);
  EXPECT_THAT(waiting(), ElementsAre("target-1/tcp 2 up"));
}

TEST_F(OutboxTargets, WhatIsRefusedIsDroppedAndCountedApart) {
  record("host", "a");
  look(2, "up");
  look(2, "down");
  EXPECT_TRUE(outbox_->acknowledge(refusal(name(0), 4)));
  EXPECT_EQ(outbox_->statistics().refused, 2);
  EXPECT_EQ(outbox_->statistics().dropped, 0);
  EXPECT_THAT(waiting(), ElementsAre("host 1 a", "target-1/tcp 3 up", "target-1/tcp 5 down"));
  EXPECT_THAT(files(), Not(Contains(HasSubstr("0002-tcp"))));
  EXPECT_THAT(files(), Contains(HasSubstr("0004-tcp"))) << "the newest stays";
  EXPECT_FALSE(outbox_->acknowledge(refusal(name(0), 4))) << "nothing of it waited";
  EXPECT_EQ(outbox_->statistics().refused, 2);
}

TEST_F(OutboxTargets, ARefusedVersionIsOfferedAgainWhenALookSeesItAgain) {
  look(1, "up");
  outbox_->acknowledge(refusal(name(0), 1));
  EXPECT_THAT(waiting(), IsEmpty());
  clock_.advance(1min);
  look(1, "up");
  const v1::SyncRequest request = outbox_->batch(kMegabyte);
  EXPECT_THAT(texts(request), ElementsAre("target-0/tcp 1 up"));
  EXPECT_EQ(from_proto(request.versions(0).observed_at()), clock_.now());
  outbox_->acknowledge(refusal(name(0), 1));
  look(1, "down");
  EXPECT_THAT(waiting(), ElementsAre("target-0/tcp 2 down"));
  EXPECT_EQ(files().size(), 2) << "what is refused goes when its successor is saved";
}

TEST_F(OutboxTargets, ARefusedHeartbeatIsNotSentAgainUntilTheNextLook) {
  look(1, "up");
  sync();
  look(1, "up");
  v1::SyncResponse response = commit(outbox_->batch(kMegabyte));
  *response.add_refused() = refusal(name(0), 1).refused(0);
  outbox_->acknowledge(response);
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_EQ(outbox_->statistics().refused, 0) << "it did not wait";
  look(1, "up");
  EXPECT_THAT(waiting(), ElementsAre("target-0/tcp 1 -"));
}

TEST_F(OutboxTargets, TheHostIsNeverRefusedSo) {
  record("host", "a");
  v1::SyncResponse response = refusal("", 1);
  response.mutable_refused(0)->set_probe("host");
  EXPECT_FALSE(outbox_->acknowledge(response));
  EXPECT_THAT(waiting(), ElementsAre("host 1 a"));
}

// A kill leaves what is on disk at this moment.
TEST_F(OutboxTargets, TheCursorIsNotWrittenForEveryFewOfThem) {
  record("host", "a");
  look(640, "up");
  drain();
  const int before = writes_;
  for (int i = 0; i < 80; ++i) {
    record(seen_of(name(i), "down"));
    sync();
  }
  EXPECT_EQ(writes_ - before, 80) << "the versions themselves";
  fs::copy(path(), directory_.path() + "/killed");
  auto killed = Outbox::open({.directory = directory_.path() + "/killed", .write = {}}, clock_);
  ASSERT_TRUE(killed.ok());
  EXPECT_EQ((*killed)->epoch(), outbox_->epoch());
  EXPECT_EQ((*killed)->statistics().waiting, 80) << "sent again, under the same sequence";
  record(seen_of(name(80), "down"));
  sync();
  EXPECT_EQ(writes_ - before, 82);
}

TEST_F(OutboxTargets, ACleanStopNotesAllThatIsAcknowledged) {
  look(10, "up");
  sync();
  const uint64_t epoch = outbox_->epoch();
  reopen();
  EXPECT_EQ(outbox_->statistics().waiting, 0);
  EXPECT_EQ(outbox_->epoch(), epoch);
}

TEST_F(OutboxTargets, ANewEpochNumbersThemByTheirFiles) {
  look(2, "up");
  look(1, "down");
  sync();
  v1::SyncResponse response;
  response.set_epoch(outbox_->epoch() + 10);
  outbox_->acknowledge(response);
  EXPECT_THAT(waiting(), ElementsAre("target-1/tcp 2 up", "target-0/tcp 3 down"));
  reopen();
  EXPECT_EQ(outbox_->epoch(), response.epoch() + 1);
  EXPECT_THAT(waiting(), ElementsAre("target-1/tcp 2 up", "target-0/tcp 3 down"));
}

}  // namespace
}  // namespace muster::agent
