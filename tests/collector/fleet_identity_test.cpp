// Hosts that are quarantined, revoked, renamed and removed while they are in the fleet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/fleet/fleet.h"
#include "common/digest.h"
#include "common/timestamp.h"
#include "tests/collector/fakes.h"
#include "tests/collector/reports.h"

namespace muster::collector {
namespace {

using exposition::Format;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;

const std::string web1_id = "0123456789abcdef0123456789abcdef";
const std::string web2_id = "fedcba9876543210fedcba9876543210";

class FleetIdentity : public testing::Test {
 protected:
  FleetIdentity() : fleet_(clock_, store_, std::make_shared<policy::Policy>()) {
    fleet_.add_host(a_host(web1_id, "web1"));
  }

  HostRecord a_host(const std::string& id, const std::string& name) const {
    HostRecord host{.id = id,
                    .name = name,
                    .labels = {},
                    .machine_id_hash = {},
                    .enrolled_at = clock_.now(),
                    .last_sync_at = std::nullopt};
    host.identity.generation = 1;
    return host;
  }

  void set_standing(Standing standing, const std::string& reason = "") {
    IdentityRecord identity = *fleet_.identity_of(web1_id);
    identity.standing = standing;
    identity.reason = reason;
    fleet_.set_identity(web1_id, identity);
  }

  void report(const std::string& host_id) {
    v1::SyncRequest request;
    request.set_epoch(1);
    *request.mutable_sent_at() = to_proto(clock_.now());
    auto plan = fleet_.plan_sync(host_id, request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    fleet_.apply_sync(*std::move(plan), request);
  }

  std::string metrics() const { return fleet_.render_metrics(Format::kPrometheusText); }

  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_;
};

TEST_F(FleetIdentity, TheNewestThatReportedEndsTheOlderOnesUntilARelease) {
  EXPECT_EQ(fleet_.admit(web1_id, 1), Admission::kTaken);
  EXPECT_EQ(fleet_.admit(web1_id, 2), Admission::kTaken);
  EXPECT_EQ(fleet_.newest_seen(web1_id), 2U);
  EXPECT_EQ(fleet_.admit(web1_id, 1), Admission::kSuperseded);
  IdentityRecord identity = *fleet_.identity_of(web1_id);
  identity.adopts_next = true;
  fleet_.set_identity(web1_id, identity);
  EXPECT_EQ(fleet_.admit(web1_id, 1), Admission::kTaken);
}

TEST_F(FleetIdentity, WhatIsRefusedIsNotSeen) {
  set_standing(Standing::kQuarantined);
  EXPECT_EQ(fleet_.admit(web1_id, 9), Admission::kQuarantined);
  set_standing(Standing::kRevoked);
  EXPECT_EQ(fleet_.admit(web1_id, 9), Admission::kRevoked);
  EXPECT_EQ(fleet_.newest_seen(web1_id), 0U);
}

TEST_F(FleetIdentity, AHostThatIsNotThereIsLeftToThePlan) {
  EXPECT_EQ(fleet_.admit(web2_id, 1), Admission::kTaken);
  EXPECT_EQ(fleet_.identity_of(web2_id), std::nullopt);
  fleet_.set_identity(web2_id, {});
  fleet_.rename_host(web2_id, "x");
  fleet_.remove_host(web2_id);
  EXPECT_EQ(fleet_.counts().hosts, 1U);
}

TEST_F(FleetIdentity, StandingsAreCountedAndShown) {
  EXPECT_EQ(fleet_.list_hosts().hosts(0).identity().standing(), v1::STANDING_ACTIVE);
  set_standing(Standing::kQuarantined, "in use twice");
  EXPECT_EQ(fleet_.counts().quarantined, 1U);
  const v1::HostIdentity shown = fleet_.list_hosts().hosts(0).identity();
  EXPECT_EQ(shown.standing(), v1::STANDING_QUARANTINED);
  EXPECT_EQ(shown.reason(), "in use twice");
  EXPECT_EQ(shown.generation(), 1U);
  set_standing(Standing::kRevoked);
  EXPECT_EQ(fleet_.counts().quarantined, 0U);
  EXPECT_EQ(fleet_.counts().revoked, 1U);
  fleet_.remove_host(web1_id);
  EXPECT_EQ(fleet_.counts().revoked, 0U);
}

TEST_F(FleetIdentity, ItsMetricsSayThatAHostIsRefusedOnlyWhileItIs) {
  report(web1_id);
  EXPECT_THAT(metrics(), Not(HasSubstr("muster_host_quarantined")));
  set_standing(Standing::kQuarantined);
  EXPECT_THAT(metrics(), HasSubstr("muster_host_quarantined{host=\"web1\"} 1\n"));
  set_standing(Standing::kRevoked);
  EXPECT_THAT(metrics(), Not(HasSubstr("muster_host_quarantined")));
  EXPECT_THAT(metrics(), HasSubstr("muster_host_revoked{host=\"web1\"} 1\n"));
  set_standing(Standing::kActive);
  EXPECT_THAT(metrics(), Not(HasSubstr("muster_host_revoked")));
}

TEST_F(FleetIdentity, ARenamedHostHasItsSeriesUnderTheNewNameAndNothingElseChanges) {
  report(web1_id);
  EXPECT_THAT(metrics(), HasSubstr("muster_host_reporting{host=\"web1\"} 1"));
  fleet_.rename_host(web1_id, "db1");
  EXPECT_THAT(metrics(), HasSubstr("muster_host_reporting{host=\"db1\"} 1"));
  EXPECT_THAT(metrics(), Not(HasSubstr("web1")));
  EXPECT_EQ(fleet_.id_of("db1"), web1_id);
  EXPECT_EQ(fleet_.id_of("web1"), std::nullopt);
  v1::SyncRequest request;
  request.set_epoch(1);
  *request.mutable_sent_at() = to_proto(clock_.now());
  EXPECT_EQ(fleet_.plan_sync(web1_id, request)->response.host(), "db1");
  // The old name is free.
  fleet_.add_host(a_host(web2_id, "web1"));
  EXPECT_EQ(fleet_.id_of("web1"), web2_id);
  EXPECT_EQ(fleet_.counts().hosts, 2U);
}

TEST_F(FleetIdentity, OfARemovedHostNothingIsLeft) {
  fleet_.add_host(a_host(web2_id, "web2"));
  report(web1_id);
  report(web2_id);
  fleet_.remove_host(web1_id);
  EXPECT_THAT(metrics(), Not(HasSubstr("web1")));
  EXPECT_THAT(metrics(), HasSubstr("muster_host_reporting{host=\"web2\"} 1"));
  EXPECT_EQ(fleet_.id_of("web1"), std::nullopt);
  EXPECT_EQ(fleet_.list_hosts().hosts_size(), 1);
  EXPECT_TRUE(absl::IsNotFound(fleet_.host_detail("web1").status()));
  EXPECT_EQ(fleet_.counts().hosts, 1U);
  EXPECT_EQ(fleet_.counts().reporting, 1U);
  EXPECT_TRUE(absl::IsNotFound(fleet_.plan_sync(web1_id, {}).status()));
  // Its times were waiting to be written, and it was to be looked at again.
  EXPECT_EQ(fleet_.take_dirty_times().size(), 1U);
  clock_.advance(minutes(60));
  fleet_.rejudge_due();
  EXPECT_EQ(fleet_.counts().reporting, 0U);
}

TEST_F(FleetIdentity, CountsWhoTrustsWhichBundleAsTheyComeAndGo) {
  fleet_.add_host(a_host(web2_id, "web2"));
  EXPECT_EQ(fleet_.hosts_trusting(""), 2U);
  for (const std::string& id : {web1_id, web2_id}) {
    v1::SyncRequest request = a_report(clock_.now(), "Debian 12");
    request.set_trust_bundle_sha256("new");
    fleet_.apply_sync(*fleet_.plan_sync(id, request), request);
  }
  EXPECT_EQ(fleet_.hosts_trusting(""), 0U);
  EXPECT_EQ(fleet_.hosts_trusting("new"), 2U);
  IdentityRecord revoked;
  revoked.standing = Standing::kRevoked;
  fleet_.set_identity(web1_id, revoked);
  EXPECT_EQ(fleet_.hosts_trusting("new"), 1U);
  fleet_.remove_host(web1_id);
  EXPECT_EQ(fleet_.hosts_trusting("new"), 1U);
  fleet_.remove_host(web2_id);
  EXPECT_EQ(fleet_.hosts_trusting("new"), 0U);
}

TEST_F(FleetIdentity, AHostThatIsRemovedWhileItsReportIsCommittedStaysRemoved) {
  v1::SyncRequest request;
  request.set_epoch(1);
  *request.mutable_sent_at() = to_proto(clock_.now());
  auto plan = fleet_.plan_sync(web1_id, request);
  fleet_.remove_host(web1_id);
  fleet_.apply_sync(*std::move(plan), request);
  EXPECT_EQ(fleet_.counts().hosts, 0U);
  EXPECT_EQ(fleet_.take_dirty_times().size(), 0U);
}

TEST_F(FleetIdentity, HostsThatComeAndGoTakeThePlacesOfEachOther) {
  for (int i = 0; i < 1000; ++i) {
    fleet_.remove_host(web1_id);
    fleet_.add_host(a_host(web2_id, "web2"));
    fleet_.add_host(a_host(web1_id, "web1"));
    fleet_.remove_host(web2_id);
  }
  fleet_.add_host(a_host(web2_id, "web2"));
  EXPECT_THAT(metrics(), HasSubstr("muster_host_reporting{host=\"web1\"}"));
  EXPECT_THAT(metrics(), HasSubstr("muster_host_reporting{host=\"web2\"}"));
}

}  // namespace
}  // namespace muster::collector
