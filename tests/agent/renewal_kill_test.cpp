// Disks that are full, and agents that are killed, in the middle of a renewal.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failpoint.h"
#include "tests/agent/renewal_fixture.h"
#include "tests/common/killed_child.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(RenewalTest, WhatCannotBeKeptIsNotAskedForAndOnAFullDiskTheOldIdentityStays) {
  clock_.time = kThen + 84h;
  const std::string before = directory_.read("identity.pem");
  ASSERT_TRUE(failpoint::set_rules("file.write@identity.next.pem=ENOSPC").ok());
  start();
  settle();
  EXPECT_THAT(collector_.renewals, IsEmpty());
  EXPECT_THAT(renewal_.error(), HasSubstr("keeping the next key: "));
  ASSERT_TRUE(failpoint::set_rules("file.write@identity.pem=ENOSPC").ok());
  wait_for(1);
  EXPECT_THAT(renewal_.error(), HasSubstr("identity.pem"));
  EXPECT_EQ(directory_.read("identity.pem"), before);
  failpoint::clear();
  wait_for(2);
  EXPECT_EQ(renewal_.error(), "");
  EXPECT_EQ(generation(), 2) << "the same key, so the same generation";
}

TEST_F(RenewalTest, AKeyThatStaysPendingIsNotUsedTwice) {
  clock_.time = kThen + 84h;
  ASSERT_TRUE(failpoint::set_rules("renewal.remove_pending=EIO").ok());
  start();
  settle();
  failpoint::clear();
  EXPECT_EQ(generation(), 2);
  EXPECT_TRUE(is_pending());
  clock_.time += 84h;
  renewal_.look();
  wait_for(2);
  EXPECT_EQ(generation(), 3);
  EXPECT_FALSE(is_pending());
}

// The collector's rules never see another key than the one it gave a generation to.
TEST_F(RenewalTest, KilledAnywhereItAsksForTheSameKeyAgain) {
  clock_.time = kThen + 84h;
  const TestCertificate second = make_certificate("fleet CA 2", nullptr, "", 24 * 3650);
  const std::string identity = directory_.read("identity.pem");
  for (const char* point :
       {"file.write@identity.next.pem", "file.rename@identity.next.pem", "renewal.key_written",
        "renewal.answered", "file.write@ca.pem", "file.rename@ca.pem", "renewal.bundle_written",
        "file.create@identity.pem", "file.write@identity.pem", "file.sync@identity.pem",
        "file.rename@identity.pem", "renewal.certificate_written", "renewal.remove_pending"}) {
    SCOPED_TRACE(point);
    std::filesystem::remove(directory_.file("identity.next.pem"));
    directory_.write("identity.pem", identity, 0600);
    directory_.write("ca.pem", ca_.pem());
    roots_ = ca_.pem() + second.pem();
    // What the collector has committed lives on when the agent dies: in a file.
    directory_.write("given", "");
    const auto& give_and_note = [this](const v1::RenewRequest& request) {
      directory_.write("given",
                       public_key_pem(requested_key(request.certificate_signing_request()).get()));
      return give(request.certificate_signing_request(), {.issued_at = clock_.time});
    };
    collector_.renew = give_and_note;
    const test::ChildEnd end =
        test::run_until_killed(fmt::format("{}#1=kill", point), [this](const auto&) {
          start();
          settle();
          return true;
        });
    ASSERT_TRUE(end.killed);
    const std::string given = directory_.read("given");
    const std::string held = directory_.read("identity.pem");
    ASSERT_TRUE(check_identity(held, held, ca_.pem()).ok()) << "key and certificate fit";
    const bool has_it = given == public_key_pem(key_of(held).get());
    Renewal next(context_, clock_, [] { return 0.0; }, "", {.renewed = [] {}, .changed = [] {}});
    collector_.renewals.clear();
    next.start(config_, transport_, &reenrolment_);
    settle();
    if (has_it) {
      EXPECT_THAT(collector_.renewals, IsEmpty());
    } else {
      ASSERT_THAT(collector_.renewals, SizeIs(1));
      const std::string wanted =
          public_key_pem(requested_key(collector_.renewals[0].certificate_signing_request()).get());
      EXPECT_TRUE(given.empty() || given == wanted);
    }
    EXPECT_EQ(next.error(), "");
    next.stop();
  }
}

}  // namespace
}  // namespace muster::agent
