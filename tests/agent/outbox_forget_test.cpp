// Targets that are not looked at any more leave the outbox, and may come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/agent/outbox_fixture.h"

namespace muster::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kFirst = "00000000000000000001-tcp.version";
constexpr const char* kSecond = "00000000000000000002-tcp.version";

class OutboxForget : public OutboxTest {
 protected:
  void look(const std::string& target, const std::string& facts = "up") {
    record(seen_of(target, facts));
  }
};

TEST_F(OutboxForget, WhatDoesNotWaitGoesAtOnce) {
  look("shop");
  look("mail");
  sync();
  outbox_->forget("shop");
  EXPECT_THAT(files(), ElementsAre(kSecond, "cursor"));
  const uint64_t epoch = outbox_->epoch();
  reopen();
  EXPECT_EQ(outbox_->epoch(), epoch) << "that the cursor still lists it is no damage";
  EXPECT_EQ(outbox_->statistics().waiting, 0);
}

TEST_F(OutboxForget, WhatWaitsGoesWhenItIsAcknowledged) {
  look("shop");
  look("shop", "down");
  look("mail");
  outbox_->forget("shop");
  EXPECT_THAT(waiting(), ElementsAre("shop/tcp 1 up", "shop/tcp 2 down", "mail/tcp 3 up"));
  EXPECT_TRUE(sync());
  EXPECT_THAT(files(), ElementsAre("00000000000000000003-tcp.version", "cursor"));
}

TEST_F(OutboxForget, WhatWaitsGoesWhenItIsRefused) {
  look("shop");
  look("mail");
  outbox_->forget("shop");
  v1::SyncResponse response;
  response.set_epoch(outbox_->epoch());
  v1::RefusedSection& refused = *response.add_refused();
  refused.set_entity("shop");
  refused.set_probe("tcp");
  refused.set_sequence(1);
  EXPECT_TRUE(outbox_->acknowledge(response));
  EXPECT_THAT(files(), ElementsAre(kSecond, "cursor"));
  EXPECT_THAT(waiting(), ElementsAre("mail/tcp 2 up"));
}

TEST_F(OutboxForget, ItHasNoHeartbeatsAndIsNotWanted) {
  look("shop");
  look("mail");
  sync();
  look("shop");
  look("mail");
  outbox_->forget("shop");
  outbox_->forget("mail");
  EXPECT_THAT(files(), ElementsAre(kSecond, "cursor")) << "the largest number";
  EXPECT_THAT(waiting(), IsEmpty());
  v1::SyncResponse response;
  response.set_epoch(outbox_->epoch());
  response.add_wanted()->set_entity("mail");
  response.mutable_wanted(0)->set_probe("tcp");
  outbox_->acknowledge(response);
  EXPECT_THAT(waiting(), IsEmpty());
}

// In the same epoch a sequence may mean one thing only: what comes back begins above what it had.
TEST_F(OutboxForget, WhatComesBackBeginsAboveWhatItHad) {
  look("shop");
  look("shop", "down");
  sync();
  outbox_->forget("shop");
  EXPECT_THAT(files(), ElementsAre(kSecond, "cursor")) << "it keeps the number";
  const uint64_t epoch = outbox_->epoch();
  for (int restart = 0; restart < 2; ++restart) {
    reopen();
    outbox_->forget_all_but({});
    EXPECT_THAT(files(), ElementsAre(kSecond, "cursor"));
    EXPECT_THAT(waiting(), IsEmpty());
  }
  look("mail");
  EXPECT_THAT(files(), ElementsAre("00000000000000000003-tcp.version", "cursor"));
  look("shop");
  EXPECT_THAT(waiting(), ElementsAre("mail/tcp 3 up", "shop/tcp 4 up"));
  EXPECT_EQ(outbox_->epoch(), epoch);
}

TEST_F(OutboxForget, AFileThatIsGoneStillKeepsItsNumberByTheCursor) {
  look("shop");
  look("mail");
  sync();
  outbox_.reset();
  std::filesystem::remove(path() + "/" + kSecond);
  reopen();
  look("mail", "down");
  EXPECT_THAT(waiting(), ElementsAre("mail/tcp 3 down"));
}

TEST_F(OutboxForget, ALookMakesItKnownAgain) {
  look("shop");
  look("mail");
  outbox_->forget("shop");
  look("shop");
  sync();
  look("shop");
  EXPECT_THAT(waiting(), ElementsAre("shop/tcp 1 -"));
}

TEST_F(OutboxForget, AfterARestartAllButThoseThatAreLookedAtCanGo) {
  record("host", "a");
  for (const char* target : {"shop", "mail", "/postgresql", "db"})
    look(target);
  sync();
  reopen();
  outbox_->forget_all_but({"mail", "never-heard-of", "db"});
  EXPECT_THAT(files(),
              ElementsAre("00000000000000000001-host.version", "00000000000000000003-tcp.version",
                          "00000000000000000005-tcp.version", "cursor"));
}

TEST_F(OutboxForget, TheHostIsNeverForgotten) {
  record("host", "a");
  look("shop");
  sync();
  outbox_->forget("");
  outbox_->forget_all_but({});
  EXPECT_THAT(waiting(), ElementsAre("host 1 -"));
}

TEST_F(OutboxForget, ANewEpochLeavesNothingOfIt) {
  look("mail");
  look("shop");
  sync();
  outbox_->forget("shop");
  v1::SyncResponse response;
  response.set_epoch(outbox_->epoch() + 10);
  outbox_->acknowledge(response);
  EXPECT_THAT(waiting(), ElementsAre("mail/tcp 1 up"));
  EXPECT_THAT(files(), ElementsAre(kFirst, "cursor"));
}

}  // namespace
}  // namespace muster::agent
