// Two hosts that have reported and one that has not, by a policy of text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collector/fleet/fleet.h"
#include "common/policy/policy_file.h"
#include "tests/collector/fakes.h"
#include "tests/collector/reports.h"

namespace muster::collector {

inline constexpr const char* kHousePolicy = R"(labels: {role: [web, db]}
controls:
  - id: host-reporting
    title: Host reports
    rule: host_reporting
    silent_after: 10m
  - id: certificate-valid
    title: Certificates are valid
    rule: certificate_not_expired
    applies_to: {labels: {role: [web]}}
owners:
  - {team: operations, match: {}}
waivers:
  - {id: later, control: host-reporting, match: {hosts: [web1]}, reason: r, approved_by: a,
     starts: 2027-03-01, ends: 2027-04-01}
  - {id: now, control: host-reporting, match: {hosts: ["web*"]}, reason: r, approved_by: a,
     starts: 2027-01-01, ends: 2027-02-01}
  - {id: another, control: certificate-valid, match: {hosts: ["web*"]}, reason: r, approved_by: a,
     starts: 2027-01-01, ends: 2027-02-01}
)";

class SmallFleet {
 public:
  SmallFleet() : fleet(clock, store, policy(kHousePolicy)) {
    enrol("web1", "web");
    enrol("db1", "db");
    enrol("new1", "web");
    for (const std::string name : {"web1", "db1"}) {
      const v1::SyncRequest request = a_report(clock.now(), "Debian 12");
      fleet.apply_sync(*fleet.plan_sync(name, request), request);
    }
  }

  static std::shared_ptr<const policy::Policy> policy(const std::string& text) {
    return std::make_shared<policy::Policy>(policy::parse_policy(text, "house.yml").value());
  }

  void enrol(const std::string& name, const std::string& role) {
    HostRecord host;
    host.id = name;
    host.name = name;
    host.labels = {{"role", role}};
    host.enrolled_at = clock.now();
    fleet.add_host(std::move(host));
  }

  FakeClock clock;
  FakeStore store;
  Fleet fleet;
};

}  // namespace muster::collector
