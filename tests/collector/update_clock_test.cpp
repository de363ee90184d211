// The clock of a security update runs per host and source package: it starts when one is first
// pending and stops when none is, whatever becomes of collector, agent and candidate in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/fleet/fleet.h"
#include "collector/identity/enrolment.h"
#include "collector/store/store_sqlite.h"
#include "common/digest.h"
#include "common/timestamp.h"
#include "muster/v1/package_facts.pb.h"
#include "tests/collector/fakes.h"
#include "tests/collector/signing_requests.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using std::chrono::days;
using std::chrono::hours;

std::shared_ptr<const policy::Policy> a_policy() {
  policy::Policy policy;
  policy.controls = {{.id = "security-updates",
                      .title = "Security updates are in",
                      .rule = "security_updates",
                      .max_age = hours(24),
                      .deadlines = policy::Deadlines::all(days(14))}};
  return std::make_shared<const policy::Policy>(policy);
}

// One that waits: of which source, as which binary, in which version.
struct Pending {
  std::string source;
  std::string package;
  std::string version = "2";
  v1::Security security = v1::SECURITY_YES;
};

class UpdateClockTest : public testing::Test {
 protected:
  UpdateClockTest()
      : authorities_(*CertificateAuthority::load(
            *CertificateAuthority::generate("muster.test", clock_.now()), "muster.test")) {
    open();
    host_id_ = enrol("");
  }

  void open() {
    store_ = *StoreSqlite::open({.path = directory_.file("muster.db")});
    fleet_ = std::make_unique<Fleet>(clock_, *store_, a_policy());
    fleet_->load(*store_->load_hosts());
    enrolment_ = std::make_unique<Enrolment>(clock_, *store_, *fleet_, authorities_, turns_,
                                             std::vector<std::string>{"a.test:8433"});
  }

  void restart_collector() {
    fleet_->rejudge_due();
    enrolment_.reset();
    fleet_.reset();
    store_.reset();
    open();
  }

  // As web1, with a token that is for any host, or only for that one. Returns the host's id.
  std::string enrol(const std::string& only) {
    v1::CreateTokenRequest wanted;
    wanted.set_lifetime_seconds(60);
    wanted.set_uses(1);
    wanted.set_host(only);
    std::promise<std::string> token;
    enrolment_->create_token(wanted,
                             [&token](const auto& made) { token.set_value(made->token()); });
    v1::EnrolRequest request;
    request.set_token(token.get_future().get());
    request.set_hostname("web1");
    request.set_certificate_signing_request(make_signing_request().pem);
    std::promise<std::string> host_id;
    enrolment_->enrol(request,
                      [&host_id](const auto& answer) { host_id.set_value(answer->host_id()); });
    return host_id.get_future().get();
  }

  void report(v1::SectionVersion version) {
    v1::SyncRequest request;
    request.set_epoch(epoch_);
    *request.mutable_sent_at() = to_proto(clock_.now());
    version.set_probe("packages-apt");
    version.set_sequence(++sequence_);
    *version.mutable_observed_at() = to_proto(clock_.now());
    *request.add_versions() = std::move(version);
    absl::StatusOr<SyncPlan> plan = fleet_->plan_sync(host_id_, request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    store_->commit_sync(plan->write,
                        [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; });
    fleet_->apply_sync(*std::move(plan), request);
  }

  void report(const std::vector<Pending>& pending, const std::string& problem = {}) {
    v1::PackageFacts facts;
    facts.set_lists_present(true);
    *facts.mutable_lists_updated_at() = to_proto(clock_.now());
    if (!problem.empty()) facts.add_problems(problem);
    for (const Pending& one : pending) {
      v1::PendingUpdate& update = *facts.add_pending_updates();
      update.set_source_package(one.source);
      update.set_package(one.package);
      update.set_candidate_version(one.version);
      update.set_security(one.security);
      update.set_would_install(true);
    }
    v1::SectionVersion version;
    version.set_outcome(v1::OUTCOME_OBSERVED);
    version.set_facts_type(facts.GetTypeName());
    version.set_facts(facts.SerializeAsString());
    version.set_digest(sha256(version.facts()));
    report(std::move(version));
  }

  void report_failure() {
    v1::SectionVersion version;
    version.set_outcome(v1::OUTCOME_FAILED);
    version.set_reason("the database is locked");
    report(std::move(version));
  }

  // Of the first update of openssl, as the API has it.
  std::optional<v1::WaitingUpdate> openssl() {
    fleet_->rejudge_due();
    const v1::HostUpdates updates = *fleet_->host_updates("web1");
    for (const v1::WaitingUpdate& waiting : updates.updates()) {
      if (waiting.update().source_package() == "openssl") return waiting;
    }
    return std::nullopt;
  }
  void expect_openssl_waits_since(TimePoint since) {
    const std::optional<v1::WaitingUpdate> waiting = openssl();
    ASSERT_TRUE(waiting);
    ASSERT_TRUE(waiting->has_waiting_since());
    EXPECT_EQ(to_iso8601(from_proto(waiting->waiting_since())), to_iso8601(since));
  }

  test::TemporaryDirectory directory_;
  FakeClock clock_;
  Authorities authorities_;
  HostTurns turns_;
  std::unique_ptr<StoreSqlite> store_;
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<Enrolment> enrolment_;
  std::string host_id_;
  uint64_t epoch_ = 1;
  uint64_t sequence_ = 0;
};

TEST_F(UpdateClockTest, StartsWhenAnUpdateIsFirstPendingAndStopsWhenNoneIs) {
  const TimePoint first = clock_.now();
  report({{"openssl", "libssl3"}});
  clock_.advance(days(9));
  report({{"openssl", "libssl3"}});
  expect_openssl_waits_since(first);
  EXPECT_EQ(openssl()->status(), v1::STATUS_DUE);
  EXPECT_EQ(from_proto(openssl()->deadline()), first + days(14));
  clock_.advance(days(5));
  report({{"openssl", "libssl3"}});
  EXPECT_EQ(openssl()->status(), v1::STATUS_FAIL);
  // Installed; and another one comes later.
  report(std::vector<Pending>{});
  EXPECT_FALSE(openssl());
  clock_.advance(days(1));
  report({{"openssl", "libssl3", "3"}});
  expect_openssl_waits_since(clock_.now());
  EXPECT_EQ(openssl()->status(), v1::STATUS_DUE);
}

TEST_F(UpdateClockTest, IsOfTheSourcePackageAndRunsOnWithANewerCandidateAndOtherBinaries) {
  const TimePoint first = clock_.now();
  report({{"openssl", "libssl3"}, {"openssl", "openssl"}});
  clock_.advance(days(4));
  report({{"openssl", "openssl", "3"}});
  expect_openssl_waits_since(first);
  clock_.advance(days(4));
  report({{"openssl", "libssl-dev", "4"}, {"vim", "vim"}});
  expect_openssl_waits_since(first);
}

TEST_F(UpdateClockTest, SurvivesARestartOfTheCollector) {
  const TimePoint first = clock_.now();
  report({{"openssl", "libssl3"}});
  clock_.advance(hours(10));
  restart_collector();
  expect_openssl_waits_since(first);
  clock_.advance(days(3));
  restart_collector();
  report({{"openssl", "libssl3"}});
  expect_openssl_waits_since(first);
}

TEST_F(UpdateClockTest, SurvivesAnAgentThatIsInstalledAnewUnderItsNameByABoundToken) {
  const TimePoint first = clock_.now();
  report({{"openssl", "libssl3"}});
  clock_.advance(days(6));
  EXPECT_EQ(enrol("web1"), host_id_);
  // It begins anew: another epoch, and before its first look at packages nothing of them.
  ++epoch_;
  sequence_ = 0;
  report_failure();
  clock_.advance(hours(1));
  restart_collector();
  report({{"openssl", "libssl3", "3"}});
  expect_openssl_waits_since(first);
}

TEST_F(UpdateClockTest, IsNotStoppedByALookThatFailedWasLateOrSawNotAll) {
  const TimePoint first = clock_.now();
  report({{"openssl", "libssl3"}});
  clock_.advance(hours(1));
  report_failure();
  expect_openssl_waits_since(first);
  // Silent for so long that its facts are judged no more.
  clock_.advance(days(3));
  fleet_->rejudge_due();
  restart_collector();
  expect_openssl_waits_since(first);
  EXPECT_FALSE(fleet_->host_updates("web1")->sources(0).not_known_because().empty());
  EXPECT_EQ(fleet_->list_updates().hosts_not_known_count(), 1u);
  // A look that did not see all does not say that it is gone.
  report(std::vector<Pending>{}, "the lists of security.debian.org cannot be read");
  EXPECT_FALSE(openssl());
  clock_.advance(hours(1));
  report({{"openssl", "libssl3"}});
  expect_openssl_waits_since(first);
}

TEST_F(UpdateClockTest, IsNotThatOfAHostThatWasEnrolledAsANewOne) {
  report({{"openssl", "libssl3"}});
  clock_.advance(days(6));
  // Not bound to web1: it is web1-2, with a memory of its own.
  const std::string other = enrol("");
  EXPECT_NE(other, host_id_);
  host_id_ = other;
  sequence_ = 0;
  report({{"openssl", "libssl3"}});
  const v1::HostUpdates updates = *fleet_->host_updates("web1-2");
  ASSERT_EQ(updates.updates_size(), 1);
  EXPECT_EQ(from_proto(updates.updates(0).waiting_since()), clock_.now());
}

TEST_F(UpdateClockTest, IsNotOfUpdatesThatAreNotForSecurity) {
  report({{"openssl", "libssl3", "2", v1::SECURITY_NO}});
  const std::optional<v1::WaitingUpdate> waiting = openssl();
  ASSERT_TRUE(waiting);
  EXPECT_FALSE(waiting->has_waiting_since());
  EXPECT_FALSE(waiting->has_deadline());
  EXPECT_EQ(waiting->status(), v1::STATUS_UNSPECIFIED);
}

}  // namespace
}  // namespace muster::collector
