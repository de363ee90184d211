// A fleet of one host that reports, for tests of what the fleet makes of that.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "collector/fleet/fleet.h"
#include "common/digest.h"
#include "common/timestamp.h"
#include "muster/v1/host_facts.pb.h"
#include "tests/collector/fakes.h"

namespace muster::collector {

inline const std::string web1_id = "0123456789abcdef0123456789abcdef";

inline std::shared_ptr<const policy::Policy> a_policy() {
  policy::Policy policy;
  policy.controls.push_back({.id = "lists",
                             .title = "Package lists are fresh",
                             .rule = "package_lists_fresh",
                             .max_age = std::chrono::hours(6)});
  policy.controls.push_back({.id = "reporting",
                             .title = "The host reports",
                             .rule = "host_reporting",
                             .parameters = {{"silent_after", Duration(std::chrono::minutes(10))}}});
  return std::make_shared<policy::Policy>(policy);
}

inline std::string os_facts(const std::string& name) {
  v1::HostFacts facts;
  facts.set_os_pretty_name(name);
  return facts.SerializeAsString();
}

// One host, an agent's clock that is five minutes behind, and requests as that agent sends them.
class FleetTest : public testing::Test {
 protected:
  FleetTest() : fleet_(clock_, store_, a_policy()) {
    fleet_.add_host({.id = web1_id,
                     .name = "web1",
                     .labels = {{"role", "web"}},
                     .machine_id_hash = {},
                     .enrolled_at = clock_.now(),
                     .last_sync_at = std::nullopt});
  }

  TimePoint agent_now() const { return clock_.now() - std::chrono::minutes(5); }

  v1::SyncRequest request(uint64_t epoch) const {
    v1::SyncRequest request;
    request.set_epoch(epoch);
    *request.mutable_sent_at() = to_proto(agent_now());
    return request;
  }

  v1::SectionVersion& add(v1::SyncRequest& request, const std::string& probe, uint64_t sequence,
                          v1::Outcome outcome) const {
    v1::SectionVersion& version = *request.add_versions();
    version.set_probe(probe);
    version.set_sequence(sequence);
    version.set_outcome(outcome);
    *version.mutable_observed_at() = to_proto(agent_now() - std::chrono::seconds(10));
    return version;
  }

  v1::SectionVersion& add_facts(v1::SyncRequest& request, const std::string& probe,
                                uint64_t sequence, const std::string& facts,
                                const std::string& type = "muster.v1.HostFacts") const {
    v1::SectionVersion& version = add(request, probe, sequence, v1::OUTCOME_OBSERVED);
    version.set_facts_type(type);
    version.set_digest(sha256(facts));
    version.set_facts(facts);
    return version;
  }

  // As the service does, with a store that commits at once.
  v1::SyncResponse sync(const v1::SyncRequest& request) {
    auto plan = fleet_.plan_sync(web1_id, request);
    EXPECT_TRUE(plan.ok()) << plan.status();
    last_write_ = plan->write;
    fleet_.apply_sync(*plan, request);
    return plan->response;
  }

  v1::FleetSection section(const std::string& probe) const {
    const v1::HostDetail detail = *fleet_.host_detail("web1");
    for (const v1::FleetSection& one : detail.sections()) {
      if (one.probe() == probe) return one;
    }
    return {};
  }

  v1::Status status_of(const std::string& control) const {
    const v1::HostDetail detail = *fleet_.host_detail("web1");
    for (const v1::Verdict& verdict : detail.verdicts()) {
      if (verdict.control() == control) return verdict.status();
    }
    return v1::STATUS_UNSPECIFIED;
  }

  FakeClock clock_;
  FakeStore store_;
  Fleet fleet_;
  SyncWrite last_write_;
};

}  // namespace muster::collector
