// TargetLeases with a clock in the hand and a store that answers at once.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "collector/targets/leases.h"
#include "common/timestamp.h"
#include "tests/collector/fakes.h"

namespace muster::collector {

class LeasesTest : public testing::Test {
 protected:
  LeasesTest() { start(); }

  void start() {
    leases_.reset();
    auto made = make_target_leases(clock_, store_, options_);
    ASSERT_TRUE(made.ok()) << made.status();
    leases_ = *std::move(made);
  }

  void list(const std::vector<std::string>& names, const std::string& address = "192.0.2.1:443") {
    TargetTable::Targets targets;
    for (const std::string& name : names) {
      Target target;
      target.name = name;
      target.kind = "tcp";
      target.address = address;
      targets.emplace(name, target);
    }
    leases_->set_targets(std::make_shared<const TargetTable>(targets));
  }

  void let_look(const std::vector<std::string>& hosts) {
    std::vector<Looker> lookers;
    for (const std::string& host : hosts)
      lookers.push_back({.host_id = host, .host = host + ".example"});
    leases_->set_lookers(lookers);
  }

  v1::SyncResponse report(const std::string& host, Duration next_sync = std::chrono::minutes(1),
                          const std::vector<std::string>& refused = {}) {
    v1::SyncRequest request;
    request.set_assignments_sha256(digests_[host]);
    for (const std::string& target : refused)
      request.add_refused_targets(target);
    v1::SyncResponse response;
    leases_->answer(host, request, next_sync, response);
    digests_[host] = response.assignments_sha256();
    return response;
  }

  // Reports, and reports again once what that changed has come about.
  v1::SyncResponse join(const std::string& host) {
    report(host);
    leases_->look();
    return report(host);
  }

  std::vector<std::string> listed(const v1::SyncResponse& response) {
    v1::AssignmentList list;
    EXPECT_TRUE(list.ParseFromString(response.assignment_list()));
    std::vector<std::string> names;
    for (const v1::Assignment& assignment : list.assignments())
      names.push_back(assignment.target());
    return names;
  }

  Duration lease_of(const v1::SyncResponse& response) {
    return from_proto(response.assignments_valid_until()) - from_proto(response.server_time());
  }

  // Lets time go by, with a look every second.
  void pass(Duration time) {
    for (Duration passed{}; passed < time; passed += std::chrono::seconds(1)) {
      clock_.advance(std::chrono::seconds(1));
      leases_->look();
    }
  }

  std::string holder_of(const std::string& target) {
    const auto holder = leases_->holder_of(target);
    return holder ? holder->host : "";
  }

  FakeClock clock_;
  FakeStore store_;
  LeaseOptions options_{
      .lease = std::chrono::minutes(3), .agents = "role=monitor", .boot_id = "boot"};
  std::unique_ptr<TargetLeases> leases_;
  std::map<std::string, std::string> digests_;
};

}  // namespace muster::collector
