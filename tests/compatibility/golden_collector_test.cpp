// The collector understands what earlier versions wrote to their store and what earlier agents
// send.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "collector/config.h"
#include "collector/fleet/fleet.h"
#include "collector/store/store_sqlite.h"
#include "collector/sync/sync_validation.h"
#include "common/digest.h"
#include "common/policy/policy_file.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "tests/common/temporary_directory.h"
#include "tests/compatibility/golden_set.h"

namespace muster::collector {
namespace {

using google::protobuf::util::MessageDifferencer;
using test::GoldenSet;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class StoppedClock : public Clock {
 public:
  explicit StoppedClock(TimePoint now) : now_(now) {}
  TimePoint now() const override { return now_; }

 private:
  TimePoint now_;
};

template <typename Message>
Message parse(const std::string& bytes) {
  Message message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  return message;
}

// What the API said then, with the field names of then.
v1::HostDetail detail_of(const std::string& json) {
  v1::HostDetail detail;
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &detail);
  EXPECT_TRUE(parsed.ok()) << parsed.ToString();
  return detail;
}

// What is said otherwise on purpose: of a host with none of the package managers that Muster knows,
// rules about packages said that they do not apply; now it is unknown.
v1::HostDetail as_said_now(v1::HostDetail before) {
  for (v1::Verdict& verdict : *before.mutable_verdicts()) {
    if (verdict.status() != v1::STATUS_NOT_APPLICABLE || verdict.subjects_size() != 1 ||
        verdict.subjects(0).subject() != "apt") {
      continue;
    }
    verdict.set_status(v1::STATUS_UNKNOWN);
    verdict.mutable_subjects(0)->clear_subject();
    verdict.mutable_subjects(0)->set_status(v1::STATUS_UNKNOWN);
  }
  return before;
}

// Everything the older version said is still said; sentences may be put better, and more may be
// said.
std::string what_is_missing(const v1::HostDetail& before, const v1::HostDetail& now) {
  MessageDifferencer differencer;
  differencer.set_scope(MessageDifferencer::PARTIAL);
  const auto key = [&differencer](const google::protobuf::Descriptor* type, const char* list,
                                  const google::protobuf::Descriptor* item, const char* field) {
    differencer.TreatAsMap(type->FindFieldByName(list), item->FindFieldByName(field));
  };
  const auto ignore = [&differencer](const google::protobuf::Descriptor* type, const char* field) {
    differencer.IgnoreField(type->FindFieldByName(field));
  };
  key(v1::HostDetail::descriptor(), "verdicts", v1::Verdict::descriptor(), "control");
  key(v1::HostDetail::descriptor(), "sections", v1::FleetSection::descriptor(), "probe");
  key(v1::Verdict::descriptor(), "subjects", v1::SubjectVerdict::descriptor(), "subject");
  ignore(v1::Verdict::descriptor(), "summary");
  ignore(v1::SubjectVerdict::descriptor(), "reason");
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  return differencer.Compare(before, now) ? "" : differences;
}

class GoldenCollector : public ::testing::TestWithParam<GoldenSet> {
 protected:
  GoldenCollector() : clock_(read_time(GetParam().read("recorded_at"))) {
    auto policy = policy::parse_policy(GetParam().read("policy.yml"), "policy.yml");
    EXPECT_TRUE(policy.ok()) << policy.status();
    if (policy.ok()) policy_ = std::make_shared<const policy::Policy>(*std::move(policy));
  }

  static TimePoint read_time(const std::string& text) {
    google::protobuf::Timestamp time;
    EXPECT_TRUE(google::protobuf::util::TimeUtil::FromString(std::string(trim(text)), &time));
    return from_proto(time);
  }

  std::unique_ptr<StoreSqlite> open_store() {
    const std::string path = directory_.file("store.sqlite");
    if (!std::filesystem::exists(path)) GetParam().copy("store.sqlite", path);
    auto store = StoreSqlite::open({.path = path});
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

  test::TemporaryDirectory directory_;
  StoppedClock clock_;
  std::shared_ptr<const policy::Policy> policy_;
};

TEST_P(GoldenCollector, FindsEveryHostSectionVerdictAndFirstFailedTimeInTheStore) {
  auto store = open_store();
  ASSERT_NE(store, nullptr);
  auto hosts = store->load_hosts();
  ASSERT_TRUE(hosts.ok()) << hosts.status();
  Fleet fleet(clock_, *store, policy_);
  fleet.load(*std::move(hosts));
  const std::vector<std::string> files = GetParam().list("hosts");
  ASSERT_THAT(files, Not(IsEmpty()));
  for (const std::string& file : files) {
    const v1::HostDetail before = detail_of(GetParam().read("hosts/" + file));
    const auto now = fleet.host_detail(before.summary().name());
    ASSERT_TRUE(now.ok()) << now.status();
    EXPECT_EQ(what_is_missing(as_said_now(before), *now), "") << file;
  }
}

TEST_P(GoldenCollector, KeepsTheMemoryOfFirstFailedTimesRowByRow) {
  auto store = open_store();
  ASSERT_NE(store, nullptr);
  const auto hosts = store->load_hosts();
  ASSERT_TRUE(hosts.ok());
  std::vector<std::string> memory;
  for (const StoredHost& host : *hosts) {
    if (host.host.name != "web1") continue;
    for (const auto& [key, since] : host.first_seen)
      memory.push_back(key.control + " " + key.subject + " " + to_iso8601(since));
  }
  EXPECT_THAT(memory, Contains("security-updates openssl 2026-03-01T12:00:00Z"));
  EXPECT_THAT(memory, Contains("certificate-valid /srv/certificates/shop.example.org.pem "
                               "2026-03-01T12:00:00Z"));
}

TEST_P(GoldenCollector, KeepsFactsBitByBitWhateverTheirType) {
  auto store = open_store();
  ASSERT_NE(store, nullptr);
  const auto hosts = store->load_hosts();
  ASSERT_TRUE(hosts.ok());
  bool saw_newer = false;
  for (const StoredHost& host : *hosts) {
    for (const SectionRecord& section : host.sections) {
      if (section.state.has_facts()) {
        EXPECT_EQ(to_hex(sha256(section.state.facts)), to_hex(section.state.digest))
            << host.host.name << " " << section.state.probe;
      }
      saw_newer = saw_newer || section.state.facts_type == "muster.v9.FirewallFacts";
    }
  }
  EXPECT_TRUE(saw_newer);
}

TEST_P(GoldenCollector, KeepsTokensSpent) {
  auto store = open_store();
  ASSERT_NE(store, nullptr);
  const auto tokens = store->load_tokens();
  ASSERT_TRUE(tokens.ok());
  std::vector<std::string> left;
  for (const TokenRecord& token : *tokens)
    left.push_back(fmt::format("{} {} {}", token.sha256, token.uses_left, token.labels.at("site")));
  EXPECT_THAT(left, UnorderedElementsAre("unused 5 Köln", "half-used 2 Köln", "spent 0 Köln"));
  std::promise<absl::Status> taken;
  store->take_token("spent", clock_.now(),
                    [&](const auto& result) { taken.set_value(result.status()); });
  EXPECT_TRUE(absl::IsFailedPrecondition(taken.get_future().get()));
}

TEST_P(GoldenCollector, KeepsAnEpochThatIsCloseToTheLargest) {
  auto store = open_store();
  ASSERT_NE(store, nullptr);
  const auto hosts = store->load_hosts();
  ASSERT_TRUE(hosts.ok());
  const auto odd = std::find_if(hosts->begin(), hosts->end(),
                                [](const StoredHost& host) { return host.host.name == "odd1"; });
  ASSERT_NE(odd, hosts->end());
  EXPECT_EQ(odd->host.epoch, (uint64_t{1} << 63) - 1);
  EXPECT_DOUBLE_EQ(odd->host.clock_offset_seconds, -90);
}

TEST_P(GoldenCollector, TakesEveryReportThatAnAgentOfThatVersionSends) {
  // As the agents did: each host's reports in their order, into a collector that knows nothing.
  auto store = StoreSqlite::open({.path = directory_.file("empty.sqlite")});
  ASSERT_TRUE(store.ok());
  Fleet fleet(clock_, **store, policy_);
  std::vector<std::string> names;
  for (const std::string& file : GetParam().list("requests")) {
    const std::string host = file.substr(0, file.find('-'));
    if (names.empty() || names.back() != host) {
      names.push_back(host);
      HostRecord record;
      record.id = host;
      record.name = host;
      fleet.add_host(record);
    }
    const std::string bytes = GetParam().read("requests/" + file);
    const auto request = parse<v1::SyncRequest>(bytes);
    EXPECT_EQ(request.SerializeAsString(), bytes)
        << file << ": something in it is not known any more";
    const auto rejection = check_request(request);
    ASSERT_FALSE(rejection.has_value()) << file << ": " << rejection->status;
    auto plan = fleet.plan_sync(host, request);
    ASSERT_TRUE(plan.ok()) << file << ": " << plan.status();
    EXPECT_EQ(plan->response.wanted_size(), 0) << file;
    EXPECT_EQ(plan->write.sections.empty(), file.find("heartbeat") != std::string::npos) << file;
    fleet.apply_sync(*plan, request);
  }
  EXPECT_THAT(names, UnorderedElementsAre("odd1", "router1", "web1"));
  for (const std::string& name : names) {
    const v1::HostDetail before = detail_of(GetParam().read("hosts/" + name + ".json"));
    const auto now = fleet.host_detail(name);
    ASSERT_TRUE(now.ok());
    for (const v1::FleetSection& section : before.sections()) {
      const auto found =
          std::find_if(now->sections().begin(), now->sections().end(),
                       [&](const auto& candidate) { return candidate.probe() == section.probe(); });
      ASSERT_NE(found, now->sections().end()) << name << " " << section.probe();
      EXPECT_EQ(found->outcome(), section.outcome()) << name << " " << section.probe();
      EXPECT_EQ(found->digest(), section.digest()) << name << " " << section.probe();
      EXPECT_TRUE(MessageDifferencer::Equals(found->facts(), section.facts()))
          << name << " " << section.probe();
    }
  }
}

TEST_P(GoldenCollector, FindsFailedPartsAndNotApplicableInTheRecordedReports) {
  // So that a set that was recorded badly is seen.
  std::vector<std::string> seen;
  size_t in_parts = 0;
  for (const std::string& file : GetParam().list("requests")) {
    const auto request = parse<v1::SyncRequest>(GetParam().read("requests/" + file));
    if (file.find("-part") != std::string::npos) in_parts += request.ByteSizeLong();
    if (request.more()) seen.emplace_back("more");
    for (const v1::SectionVersion& version : request.versions()) {
      seen.push_back(v1::Outcome_Name(version.outcome()));
      if (version.outcome() == v1::OUTCOME_OBSERVED && !version.has_facts()) {
        seen.emplace_back("heartbeat");
      }
    }
  }
  for (const char* what :
       {"more", "heartbeat", "OUTCOME_OBSERVED", "OUTCOME_FAILED", "OUTCOME_NOT_APPLICABLE"}) {
    EXPECT_THAT(seen, Contains(what));
  }
  EXPECT_GT(in_parts, size_t{1} << 20);
}

TEST_P(GoldenCollector, ReadsTheConfigurationThatInitWrote) {
  const auto config = parse_config(GetParam().read("collector.yml"), "collector.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->state_directory, "/var/lib/muster-collector");
  EXPECT_THAT(config->names, ::testing::ElementsAre("collector.example.org"));
  EXPECT_EQ(config->trust_domain, "muster.internal");
  EXPECT_EQ(config->sync_interval, std::chrono::minutes(1));
}

TEST_P(GoldenCollector, ReadsThePolicyWithItsControls) {
  ASSERT_NE(policy_, nullptr);
  std::vector<std::string> ids;
  for (const policy::Control& control : policy_->controls)
    ids.push_back(control.id);
  EXPECT_THAT(
      ids, ::testing::IsSupersetOf({"security-updates", "package-lists-fresh", "certificate-valid",
                                    "certificate-renewal", "host-reporting"}));
}

INSTANTIATE_TEST_SUITE_P(Of, GoldenCollector, ::testing::ValuesIn(GoldenSet::all()),
                         test::version_of_test);

}  // namespace
}  // namespace muster::collector
