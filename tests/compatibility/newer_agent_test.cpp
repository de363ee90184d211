// What a newer agent sends to this collector, and an older one does not: kept, never taken for
// good.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "collector/fleet/fleet.h"
#include "collector/sync/sync_validation.h"
#include "common/digest.h"
#include "common/policy/policy_file.h"
#include "common/policy/rules.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "tests/collector/fakes.h"

namespace muster::collector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string host_id = "0123456789abcdef0123456789abcdef";

// Field 1999, "of the future", as no message has it.
const std::string unknown_field =
    "\xfa\x7c\x0d"
    "of the future";

// Packages on which nothing waits, so that every control of them passes.
v1::PackageFacts good_packages(TimePoint now) {
  v1::PackageFacts facts;
  facts.set_manager("apt");
  facts.set_installed(3);
  facts.set_lists_present(true);
  *facts.mutable_lists_updated_at() = to_proto(now);
  return facts;
}

class NewerAgent : public ::testing::Test {
 protected:
  NewerAgent()
      : fleet_(clock_, store_, std::make_shared<const policy::Policy>(policy::default_policy())) {
    HostRecord host;
    host.id = host_id;
    host.name = "web1";
    host.enrolled_at = clock_.now();
    fleet_.add_host(host);
    request_.set_epoch(1);
    *request_.mutable_sent_at() = to_proto(clock_.now());
  }

  v1::SectionVersion& add(const std::string& probe, const std::string& type,
                          const std::string& facts) {
    v1::SectionVersion& version = *request_.add_versions();
    version.set_probe(probe);
    version.set_sequence(1);
    version.set_outcome(v1::OUTCOME_OBSERVED);
    *version.mutable_observed_at() = request_.sent_at();
    version.set_facts_type(type);
    version.set_digest(sha256(facts));
    version.set_facts(facts);
    return version;
  }

  // The request as it comes from the wire, with whatever bytes behind it.
  v1::SyncResponse sync(const std::string& more_bytes = {}) {
    v1::SyncRequest received;
    EXPECT_TRUE(received.ParseFromString(request_.SerializeAsString() + more_bytes));
    const auto rejection = check_request(received);
    EXPECT_FALSE(rejection.has_value()) << rejection->status;
    auto plan = fleet_.plan_sync(host_id, received);
    EXPECT_TRUE(plan.ok()) << plan.status();
    if (!plan.ok()) return {};
    for (const SectionRecord& section : plan->write.sections)
      committed_.push_back(section);
    fleet_.apply_sync(*plan, received);
    return plan->response;
  }

  v1::HostDetail detail() const { return fleet_.host_detail("web1").value_or(v1::HostDetail()); }

  v1::Verdict verdict(const std::string& control) const {
    const v1::HostDetail shown = detail();
    for (const v1::Verdict& found : shown.verdicts()) {
      if (found.control() == control) return found;
    }
    ADD_FAILURE() << "no control " << control;
    return {};
  }

  std::string metrics() const { return fleet_.render_metrics(exposition::Format::kPrometheusText); }

  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_;
  v1::SyncRequest request_;
  std::vector<SectionRecord> committed_;
};

TEST_F(NewerAgent, WithAProbeOfTheFutureIsAcknowledgedStoredAndShown) {
  const std::string facts = "\x08\x01 bytes that nobody here can read";
  add("firewall", "muster.v1.FirewallFacts", facts);
  const v1::SyncResponse response = sync();
  ASSERT_EQ(response.committed_size(), 1);
  EXPECT_EQ(response.committed(0).sequence(), 1);
  EXPECT_EQ(response.wanted_size(), 0);
  ASSERT_EQ(committed_.size(), 1);
  EXPECT_EQ(committed_[0].state.facts, facts);

  const v1::HostDetail shown = detail();
  ASSERT_EQ(shown.sections_size(), 1);
  EXPECT_EQ(shown.sections(0).probe(), "firewall");
  EXPECT_EQ(shown.sections(0).facts_type(), "muster.v1.FirewallFacts");
  EXPECT_EQ(shown.sections(0).digest(), to_hex(sha256(facts)));
  EXPECT_FALSE(shown.sections(0).has_facts());
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(shown, &json).ok());
  EXPECT_THAT(metrics(), HasSubstr(R"(muster_probe_outcome{host="web1",probe="firewall",)"));

  // Its heartbeat is one: what is held is not asked for again.
  request_.mutable_versions(0)->clear_facts();
  committed_.clear();
  EXPECT_EQ(sync().wanted_size(), 0);
  EXPECT_EQ(committed_.size(), 0);
}

TEST_F(NewerAgent, WithFactsOfTheFutureIsUnknownNewerThanThisCollector) {
  const std::string facts = good_packages(clock_.now()).SerializeAsString();
  add("packages-apt", "muster.v2.PackageFacts", facts);
  add("packages-nix", "muster.v1.NixFacts", "\x0a\x03nix");
  add("certificates", "muster.v2.CertificateFacts", "");
  EXPECT_EQ(sync().committed_size(), 3);
  for (const char* control :
       {"security-updates", "package-lists-fresh", "certificate-valid", "certificate-renewal"}) {
    const v1::Verdict judged = verdict(control);
    EXPECT_EQ(judged.status(), v1::STATUS_UNKNOWN) << control;
    ASSERT_GT(judged.subjects_size(), 0);
    EXPECT_THAT(judged.subjects(0).reason(), HasSubstr("newer than this collector")) << control;
  }
}

TEST_F(NewerAgent, WithUnknownFieldsInFactsIsKeptBitByBitAndJudgedByTheOthers) {
  const std::string facts = good_packages(clock_.now()).SerializeAsString() + unknown_field;
  add("packages-apt", "muster.v1.PackageFacts", facts);
  sync();
  ASSERT_EQ(committed_.size(), 1);
  EXPECT_EQ(committed_[0].state.facts, facts);
  EXPECT_EQ(committed_[0].state.digest, sha256(facts));
  EXPECT_EQ(detail().sections(0).facts().value(), facts);
  EXPECT_EQ(verdict("security-updates").status(), v1::STATUS_PASS);
  EXPECT_THAT(metrics(), HasSubstr(R"(muster_packages_installed{host="web1",manager="apt"} 3)"));
}

TEST_F(NewerAgent, WithUnknownFieldsInRequestAndSectionIsUnderstood) {
  const std::string facts = good_packages(clock_.now()).SerializeAsString();
  v1::SectionVersion& version = add("packages-apt", "muster.v1.PackageFacts", facts);
  ASSERT_TRUE(version.MergeFromString(unknown_field));
  ASSERT_TRUE(version.add_measurements()->ParseFromString("\x0a\x01x" + unknown_field));
  EXPECT_EQ(sync(unknown_field).committed_size(), 1);
  EXPECT_EQ(committed_[0].state.facts, facts);
  EXPECT_EQ(verdict("security-updates").status(), v1::STATUS_PASS);
}

TEST_F(NewerAgent, WithAnOutcomeOfTheFutureIsRefusedAndToldWhy) {
  add("packages-apt", "", "").set_outcome(static_cast<v1::Outcome>(99));
  v1::SyncRequest received;
  ASSERT_TRUE(received.ParseFromString(request_.SerializeAsString()));
  const auto rejection = check_request(received);
  ASSERT_TRUE(rejection.has_value());
  EXPECT_EQ(rejection->reason, "outcome");
  EXPECT_TRUE(absl::IsInvalidArgument(rejection->status));
  EXPECT_THAT(std::string(rejection->status.message()),
              HasSubstr("collectors are upgraded before agents"));
}

TEST_F(NewerAgent, WhoseOutcomeOfTheFutureIsInTheStoreIsNeverHealthy) {
  // As after going back to an older collector of the same schema.
  StoredHost stored;
  stored.host.id = "11111111111111111111111111111111";
  stored.host.name = "web2";
  stored.host.last_sync_at = clock_.now();
  SectionRecord record;
  record.state.probe = "packages-apt";
  record.state.outcome = static_cast<v1::Outcome>(99);
  record.state.looked_at = record.state.observed_at = clock_.now();
  record.state.facts_type = "muster.v1.PackageFacts";
  record.state.facts = good_packages(clock_.now()).SerializeAsString();
  stored.sections.push_back(record);
  record.state.probe = "agent";
  record.state.facts_type = "muster.v1.AgentFacts";
  record.state.facts = v1::AgentFacts().SerializeAsString();
  stored.sections.push_back(record);
  std::vector<StoredHost> hosts;
  hosts.push_back(std::move(stored));
  fleet_.load(std::move(hosts));
  const auto shown = fleet_.host_detail("web2");
  ASSERT_TRUE(shown.ok());
  for (const v1::Verdict& judged : shown->verdicts()) {
    // What is judged by no facts, what is for hosts with a label, and what needs baselines.
    const policy::Rule* const rule = policy::find_rule(judged.rule());
    if (rule->probes.empty() || rule->looks_at_baselines) continue;
    if (judged.control() == "automatic-updates") continue;
    EXPECT_EQ(judged.status(), v1::STATUS_UNKNOWN) << judged.control();
  }
  EXPECT_THAT(metrics(), AllOf(HasSubstr(R"(host="web2",probe="packages-apt",outcome="failed"} 1)"),
                               Not(HasSubstr(R"(outcome="observed")"))));
}

TEST_F(NewerAgent, WithEnumValuesOfTheFutureInFactsIsUnknownThere) {
  v1::HostFacts host;
  host.set_virtualization(static_cast<v1::Virtualization>(99));
  add("host", "muster.v1.HostFacts", host.SerializeAsString());
  v1::PackageFacts packages = good_packages(clock_.now());
  v1::PendingUpdate& update = *packages.add_pending_updates();
  update.set_package("openssl");
  update.set_security(static_cast<v1::Security>(99));
  add("packages-apt", "muster.v1.PackageFacts", packages.SerializeAsString());
  sync();
  EXPECT_EQ(verdict("security-updates").status(), v1::STATUS_UNKNOWN);
  EXPECT_THAT(metrics(), AllOf(HasSubstr(R"(virtualization="unknown")"),
                               HasSubstr(R"(kind="unknown"} 1)"), HasSubstr(R"(kind="other"} 0)")));
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(detail(), &json, options).ok());
  EXPECT_THAT(json, AllOf(HasSubstr(R"("virtualization":99)"), HasSubstr(R"("security":99)")));
}

TEST_F(NewerAgent, ThatIsAnOlderOneWithoutTheFieldsOfTodayIsUnknownNotGood) {
  // Every field that came later is absent: an empty message is the oldest agent there could be.
  add("packages-apt", "muster.v1.PackageFacts", "");
  add("host", "muster.v1.HostFacts", "");
  EXPECT_EQ(sync().committed_size(), 2);
  EXPECT_EQ(verdict("security-updates").status(), v1::STATUS_UNKNOWN);
  EXPECT_NE(verdict("package-lists-fresh").status(), v1::STATUS_PASS);
  EXPECT_THAT(metrics(), HasSubstr("muster_host_info"));
}

}  // namespace
}  // namespace muster::collector
