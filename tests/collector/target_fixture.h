// A fleet of targets beside one of hosts, with leases that a test gives, and reports of both.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/fleet/target_fleet.h"
#include "common/digest.h"
#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/tcp_facts.pb.h"
#include "tests/collector/fakes.h"

namespace muster::collector {

// Holders as they are set.
class FakeLeases : public TargetLeases {
 public:
  void set_targets(std::shared_ptr<const TargetTable> /*targets*/) override {}
  void set_lookers(std::vector<Looker> /*lookers*/) override {}
  void look() override {}
  bool may_report(std::string_view host_id, std::string_view target,
                  TimePoint /*observed_at*/) const override {
    return may.contains({std::string(host_id), std::string(target)});
  }
  void answer(std::string_view host_id, const v1::SyncRequest& /*request*/, Duration /*next_sync*/,
              v1::SyncResponse& response) override {
    response.set_assignments_sha256(std::string(host_id));
  }
  void set_last_look(std::string_view target, TimePoint at) override {
    last_looks[std::string(target)] = at;
  }
  std::optional<TargetHolder> holder_of(std::string_view target) const override {
    const auto holder = holders.find(std::string(target));
    if (holder == holders.end()) return std::nullopt;
    return holder->second;
  }
  std::string note_of(std::string_view target) const override {
    return holders.contains(std::string(target)) ? "" : "nobody may";
  }
  Counts counts() const override {
    return {.targets = 0,
            .held = holders.size(),
            .agents = 0,
            .moves = 0,
            .configured_lease = std::chrono::minutes(3),
            .lease = std::chrono::minutes(45)};
  }

  std::set<std::pair<std::string, std::string>> may;
  std::map<std::string, TargetHolder> holders;
  std::map<std::string, TimePoint> last_looks;
};

class FakeTargetStore : public TargetStore {
 public:
  absl::StatusOr<std::vector<StoredTarget>> load_targets() override {
    return std::vector<StoredTarget>();
  }
  void put_target_first_seen(std::string target_id, policy::FirstSeen first_seen,
                             Done done) override {
    memories[target_id] = std::move(first_seen);
    done(absl::OkStatus());
  }
  void commit_target_times(std::vector<TargetWrite> /*writes*/, Done done) override {
    done(absl::OkStatus());
  }
  void remove_targets(std::vector<std::string> target_ids, Done done) override {
    for (std::string& id : target_ids)
      removed.push_back(std::move(id));
    done(absl::OkStatus());
  }

  std::map<std::string, policy::FirstSeen> memories;
  std::vector<std::string> removed;
};

inline std::shared_ptr<const policy::Policy> a_target_policy() {
  policy::Policy policy;
  policy.controls.push_back({.id = "answers", .title = "It answers", .rule = "tcp_answers"});
  policy.controls.back().applies_to.kind = "tcp";
  return std::make_shared<policy::Policy>(policy);
}

inline Target a_target(const std::string& name, const std::string& address) {
  Target target;
  target.name = name;
  target.kind = "tcp";
  target.address = address;
  target.labels = {{"site", "fra"}};
  return target;
}

inline std::string tcp_facts(bool connected) {
  v1::TcpFacts facts;
  facts.set_answer(connected ? v1::TCP_ANSWER_CONNECTED : v1::TCP_ANSWER_REFUSED);
  return facts.SerializeAsString();
}

class TargetFleetTest : public testing::Test {
 protected:
  static constexpr const char* kWeb = "0123456789abcdef0123456789abcdef";
  static constexpr const char* kMail = "fedcba9876543210fedcba9876543210";

  TargetFleetTest() {
    add_host(kWeb, "web1");
    add_host(kMail, "mail1");
  }

  void add_host(const std::string& id, const std::string& name) {
    hosts_.add_host({.id = id,
                     .name = name,
                     .labels = {{"role", "monitor"}},
                     .machine_id_hash = {},
                     .enrolled_at = clock_.now(),
                     .last_sync_at = std::nullopt});
  }

  void list(const std::vector<Target>& targets) {
    TargetTable::Targets table;
    for (const Target& target : targets)
      table.emplace(target.name, target);
    fleet_.set_targets(std::make_shared<const TargetTable>(std::move(table)));
  }

  v1::SyncRequest request(uint64_t epoch = 7) const {
    v1::SyncRequest request;
    request.set_epoch(epoch);
    *request.mutable_sent_at() = to_proto(clock_.now());
    return request;
  }

  v1::SectionVersion& add(v1::SyncRequest& request, const std::string& entity, uint64_t sequence,
                          bool connected, Duration ago = Duration(0)) const {
    v1::SectionVersion& version = *request.add_versions();
    version.set_entity(entity);
    version.set_probe("tcp");
    version.set_sequence(sequence);
    version.set_outcome(v1::OUTCOME_OBSERVED);
    *version.mutable_observed_at() = to_proto(clock_.now() - ago);
    version.set_facts_type("muster.v1.TcpFacts");
    version.set_facts(tcp_facts(connected));
    version.set_digest(sha256(version.facts()));
    return version;
  }

  // The section "agent", which tells the host's own targets.
  void add_agent(v1::SyncRequest& request, uint64_t sequence,
                 const std::vector<std::string>& names) const {
    v1::AgentFacts facts;
    for (const std::string& name : names) {
      v1::OwnTarget& own = *facts.add_targets();
      own.set_name(name);
      own.set_kind("tcp");
      own.set_address("127.0.0.1:5432");
      own.set_interval_milliseconds(60'000);
    }
    v1::SectionVersion& version = *request.add_versions();
    version.set_probe("agent");
    version.set_sequence(sequence);
    version.set_outcome(v1::OUTCOME_OBSERVED);
    *version.mutable_observed_at() = to_proto(clock_.now());
    version.set_facts_type("muster.v1.AgentFacts");
    version.set_facts(facts.SerializeAsString());
    version.set_digest(sha256(version.facts()));
  }

  // As the service does, with a store that commits at once.
  v1::SyncResponse sync(const std::string& host_id, const v1::SyncRequest& request) {
    SyncPlan host = *hosts_.plan_sync(host_id, request);
    TargetsPlan targets = fleet_.plan_sync(request, host);
    writes_ = targets.writes;
    v1::SyncResponse response = host.response;
    hosts_.apply_sync(std::move(host), request);
    fleet_.apply_sync(std::move(targets), request);
    return response;
  }

  v1::TargetDetail detail(const std::string& name) const {
    const absl::StatusOr<v1::TargetDetail> detail = fleet_.detail(name);
    EXPECT_TRUE(detail.ok()) << detail.status();
    return detail.value_or(v1::TargetDetail());
  }

  v1::Status status_of(const std::string& name) const { return detail(name).summary().status(); }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    const v1::TargetList list = fleet_.list();
    for (const v1::TargetSummary& target : list.targets())
      names.push_back(target.name());
    return names;
  }

  FakeClock clock_;
  FakeStore host_store_;
  FakeTargetStore store_;
  FakeLeases leases_;
  Fleet hosts_{clock_, host_store_, a_target_policy()};
  TargetFleet fleet_{clock_, store_, hosts_, a_target_policy(), &leases_};
  // Of the last report.
  std::vector<TargetWrite> writes_;
};

}  // namespace muster::collector
