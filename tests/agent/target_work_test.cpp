// What an agent does for targets, with a shell script in the place of the probe that dials.
#include "agent/targets/target_work.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/delimited_message_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <sstream>

#include "agent/launcher/launcher_protocol.h"
#include "agent/looking/probe_list.h"
#include "agent/targets/lease_file.h"
#include "common/digest.h"
#include "common/targets/look_grid.h"
#include "common/timestamp.h"
#include "tests/agent/forked_launcher.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class TargetWorkTest : public ::testing::Test {
 protected:
  TargetWorkTest() {
    config_.state_directory = directory_.path();
    config_.allowed_targets = {
        {.networks = {*parse_network("192.0.2.0/24")}, .names = {}, .ports = {443}}};
    for (const ProbeRow& row : all_probes()) {
      config_.probes.push_back(
          {.enabled = true, .interval = row.interval, .timeout = row.timeout, .settings = {}});
    }
    std::filesystem::create_directory(directory_.file("batches"));
    start();
  }

  // As another process: what ran for the one before is gone.
  void start() {
    launcher_ = std::make_unique<Launcher>(
        context_,
        Launcher::Options{.connect = test::forked_launcher(all_probes(), directory_.path()),
                          .table = table_digest(all_probes())});
    runner_ = std::make_unique<ProbeRunner>(*launcher_, clock_, directory_.path());
    work_ = std::make_unique<TargetWork>(
        context_, *runner_, clock_,
        TargetWork::Receiver{.taken =
                                 [this](const std::vector<v1::Section>& sections) {
                                   for (const v1::Section& section : sections)
                                     sections_[section.entity()] = section;
                                 },
                             .held = [this](const std::set<std::string>& held) { held_ = held; }});
    work_->start(config_);
  }

  // The probe keeps its batch, then prints sections of these entities, and ends as `ending` says.
  void let_the_probe_tell(const std::vector<std::string>& entities,
                          const std::string& ending = "exit 0") {
    std::ostringstream bytes;
    for (const std::string& entity : entities) {
      v1::Section section;
      section.set_entity(entity);
      section.set_probe("tcp");
      section.set_outcome(v1::OUTCOME_OBSERVED);
      section.set_facts_type("muster.v1.TcpFacts");
      google::protobuf::util::SerializeDelimitedToOstream(section, &bytes);
    }
    directory_.write("sections", bytes.str());
    directory_.write("muster-probe-tcp",
                     fmt::format("#!/bin/sh\ncat /proc/$$/fd/99 > {0}/batches/$$\n"
                                 "cat {0}/sections\n{1}\n",
                                 directory_.path(), ending),
                     0755);
  }

  void add_own_target() {
    Target& own = config_.own_targets.emplace_back();
    own.name = "db";
    own.kind = "tcp";
    own.address = "127.0.0.1:5432";
    own.interval = 1s;
    own.timeout = 1s;
  }

  // Every hour.
  static v1::Assignment assignment(const std::string& target,
                                   const std::string& address = "192.0.2.7:443") {
    v1::Assignment made;
    made.set_target(target);
    made.set_probe("tcp");
    made.set_address(address);
    made.set_interval_milliseconds(3'600'000);
    made.set_timeout_milliseconds(1'000);
    return made;
  }
  // Its clock is set so that the target's next look begins in a second, or later.
  v1::SyncResponse answer(const std::vector<v1::Assignment>& assignments, Duration lease = 2h,
                          Duration first = 1s) {
    const LookGrid grid(assignments.empty() ? "shop" : assignments[0].target(), 1h);
    const TimePoint server_time = grid.begin(500'000) - first;
    v1::AssignmentList list;
    list.mutable_assignments()->Assign(assignments.begin(), assignments.end());
    v1::SyncResponse response;
    response.set_assignment_list(list.SerializeAsString());
    response.set_assignments_sha256(sha256(response.assignment_list()));
    *response.mutable_server_time() = to_proto(server_time);
    *response.mutable_assignments_valid_until() = to_proto(server_time + lease);
    return response;
  }
  void take(const v1::SyncResponse& response) {
    const Duration now = clock_.uptime();
    work_->take(response, {.sent = now, .came = now});
  }

  template <typename Condition>
  void run_until(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 100s;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it never came true";
      context_.restart();
      context_.run_one_for(1s);
    }
  }
  void run_until_told_of(const std::string& entity) {
    run_until([&] { return sections_.contains(entity); });
  }

  // Every look that the probe was given.
  std::vector<v1::TargetLook> looks() const {
    std::vector<v1::TargetLook> result;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.file("batches"))) {
      v1::TargetBatch batch;
      EXPECT_TRUE(
          batch.ParseFromString(directory_.read("batches/" + entry.path().filename().string())));
      result.insert(result.end(), batch.looks().begin(), batch.looks().end());
    }
    return result;
  }

  test::TemporaryDirectory directory_;
  SystemClock clock_;
  boost::asio::io_context context_{1};
  std::unique_ptr<Launcher> launcher_;
  std::unique_ptr<ProbeRunner> runner_;
  Config config_;
  std::unique_ptr<TargetWork> work_;
  std::map<std::string, v1::Section> sections_;
  std::set<std::string> held_;
};

TEST_F(TargetWorkTest, AHeldTargetIsLookedAtAtItsPointWithinItsLease) {
  let_the_probe_tell({"shop"});
  const Duration before = clock_.uptime();
  take(answer({assignment("shop")}));
  EXPECT_THAT(held_, ElementsAre("shop"));
  run_until_told_of("shop");
  EXPECT_EQ(sections_["shop"].outcome(), v1::OUTCOME_OBSERVED) << sections_["shop"].reason();
  ASSERT_EQ(looks().size(), 1U);
  const v1::TargetLook look = looks()[0];
  EXPECT_EQ(look.entity(), "shop");
  EXPECT_EQ(look.address(), "192.0.2.7:443");
  EXPECT_EQ(look.timeout_milliseconds(), 1000U);
  const auto begin = std::chrono::nanoseconds(look.start_nanoseconds());
  EXPECT_GE(begin, before + 1s);
  EXPECT_LE(begin, clock_.uptime() + 1s);
  EXPECT_EQ(std::chrono::nanoseconds(look.end_nanoseconds()) - begin, 2h - 1s);
  EXPECT_EQ(work_->counts().held, 1U);
  EXPECT_EQ(work_->counts().looks.looks, 1U);
  EXPECT_EQ(work_->counts().looks.late, 0U);
}

TEST_F(TargetWorkTest, ATargetThatIsNotAllowedIsToldOfAndNeverGivenToAProbe) {
  let_the_probe_tell({"shop"});
  take(answer({assignment("shop"), assignment("metadata", "169.254.169.254:80")}));
  EXPECT_THAT(held_, ElementsAre("metadata", "shop")) << "its section is worth keeping";
  run_until_told_of("shop");
  EXPECT_EQ(sections_["metadata"].outcome(), v1::OUTCOME_FAILED);
  EXPECT_EQ(sections_["metadata"].probe(), "tcp");
  EXPECT_EQ(sections_["metadata"].reason(),
            "targets.allow in the agent.yml of this host does not list 169.254.169.254:80");
  ASSERT_EQ(looks().size(), 1U);
  EXPECT_EQ(looks()[0].entity(), "shop");
  v1::SyncRequest request;
  work_->describe(request);
  EXPECT_THAT(request.refused_targets(), ElementsAre("metadata"));
  v1::AgentStatus status;
  work_->describe(status);
  EXPECT_EQ(status.targets_held(), 1U);
  EXPECT_EQ(status.targets_refused(), 1U);
  EXPECT_THAT(status.target_refusal(), HasSubstr("metadata: targets.allow"));
}

TEST_F(TargetWorkTest, WhatARunSaidBeforeItCrashedStaysAndTheOthersSayWhatHappened) {
  v1::Assignment other = assignment("other");
  other.set_interval_milliseconds(1'000);
  let_the_probe_tell({"shop"}, "kill -SEGV $$");
  take(answer({assignment("shop"), other}));
  run_until_told_of("other");
  EXPECT_EQ(sections_["shop"].outcome(), v1::OUTCOME_OBSERVED);
  EXPECT_EQ(sections_["other"].outcome(), v1::OUTCOME_FAILED);
  EXPECT_EQ(sections_["other"].reason(), "muster-probe-tcp was ended by SIGSEGV");
}

TEST_F(TargetWorkTest, ALookThatGivesNothingThoughItsRunEndsWellSaysSo) {
  let_the_probe_tell({});
  take(answer({assignment("shop")}));
  run_until_told_of("shop");
  EXPECT_EQ(sections_["shop"].reason(), "muster-probe-tcp gave no answer for this target");
}

TEST_F(TargetWorkTest, ALookWhoseLeaseEndedMeanwhileSaysNothing) {
  let_the_probe_tell({}, "sleep 2.3");
  take(answer({assignment("shop")}, 2100ms));
  run_until([&] { return runner_->counts_of("tcp").runs > 0; });
  context_.restart();
  context_.run_for(10ms);
  EXPECT_EQ(looks().size(), 1U);
  EXPECT_TRUE(sections_.empty());
}

TEST_F(TargetWorkTest, ATargetOfItsOwnIsLookedAtWithoutACollectorAndWithoutALease) {
  let_the_probe_tell({"/db", "/db"});
  add_own_target();
  work_->start(config_);
  run_until_told_of("/db");
  ASSERT_FALSE(looks().empty());
  EXPECT_EQ(looks()[0].entity(), "/db");
  EXPECT_EQ(looks()[0].address(), "127.0.0.1:5432");
  EXPECT_EQ(looks()[0].end_nanoseconds(), 0);
  v1::AgentStatus status;
  work_->describe(status);
  EXPECT_EQ(status.targets_own(), 1U);
  EXPECT_FALSE(status.has_leases_end_at());
}

TEST_F(TargetWorkTest, OneOfItsOwnWhoseProbeIsSwitchedOffSaysSo) {
  add_own_target();
  for (ProbeConfig& probe : config_.probes)
    probe.enabled = false;
  work_->start(config_);
  EXPECT_EQ(sections_["/db"].reason(), "probes.tcp is switched off in the agent.yml of this host");
}

TEST_F(TargetWorkTest, TheNextAgentGoesOnWithTheLeasesAndNotBeyondThem) {
  take(answer({assignment("shop"), assignment("metadata", "169.254.169.254:80")}));
  const v1::AgentStatus before = [this] {
    v1::AgentStatus status;
    work_->describe(status);
    return status;
  }();
  work_->stop();
  EXPECT_TRUE(std::filesystem::exists(leases_path(directory_.path())));
  let_the_probe_tell({"shop"});
  start();
  EXPECT_FALSE(std::filesystem::exists(leases_path(directory_.path())));
  EXPECT_EQ(work_->counts().held, 1U);
  v1::AgentStatus after;
  work_->describe(after);
  EXPECT_LE(
      std::chrono::abs(from_proto(after.leases_end_at()) - from_proto(before.leases_end_at())), 1s);
  run_until_told_of("shop");
  v1::SyncRequest request;
  work_->describe(request);
  EXPECT_EQ(request.assignments_sha256(), "") << "it asks for the list";
}

TEST_F(TargetWorkTest, AnAgentWithoutLeasesLeavesNone) {
  work_->stop();
  EXPECT_FALSE(std::filesystem::exists(leases_path(directory_.path())));
  start();
  take(answer({assignment("shop")}, 0s));
  work_->stop();
  EXPECT_FALSE(std::filesystem::exists(leases_path(directory_.path()))) << "they have ended";
}

TEST_F(TargetWorkTest, ATargetThatIsGoneIsForgottenAndALateWordOfItIsNotTaken) {
  let_the_probe_tell({"shop"}, "exit 0");
  take(answer({assignment("shop")}));
  take(answer({}));
  EXPECT_TRUE(held_.empty());
  run_until([&] { return runner_->counts_of("tcp").runs > 0; });
  context_.restart();
  context_.run_for(10ms);
  EXPECT_TRUE(sections_.empty());
}

TEST_F(TargetWorkTest, ThatItHoldsNothingIsToldTooSinceAnEarlierProcessMayHaveLeftSomething) {
  for (const v1::SyncResponse& of_no_targets : {v1::SyncResponse(), answer({})}) {
    held_ = {"left"};
    start();
    take(of_no_targets);
    EXPECT_TRUE(held_.empty());
  }
}

TEST_F(TargetWorkTest, AnAgentWakesForTargetsOnlyWhileItHasSome) {
  const auto nothing_waits = [this] {
    context_.restart();
    context_.poll();
    return context_.stopped();
  };
  for (ProbeConfig& probe : config_.probes)
    probe.interval = 10ms;
  work_->start(config_);
  EXPECT_TRUE(nothing_waits());
  take(answer({assignment("shop")}, 2h, 1min));
  EXPECT_FALSE(nothing_waits());
  take(answer({}));
  run_until(nothing_waits);
}

TEST_F(TargetWorkTest, NothingIsForgottenBeforeTheCollectorHasSaidWhatItGives) {
  held_ = {"shop", "left"};
  add_own_target();
  start();
  EXPECT_THAT(held_, ElementsAre("left", "shop"));
  take(answer({assignment("shop")}));
  EXPECT_THAT(held_, ElementsAre("/db", "shop"));
}

TEST_F(TargetWorkTest, AReloadDropsWhatIsNotAllowedAnyMoreAtOnce) {
  let_the_probe_tell({"shop"});
  take(answer({assignment("shop")}));
  config_.allowed_targets.clear();
  work_->start(config_);
  EXPECT_EQ(work_->counts().held, 0U);
  EXPECT_THAT(sections_["shop"].reason(), HasSubstr("does not list 192.0.2.7:443"));
}

TEST_F(TargetWorkTest, AReloadThatAllowsOtherTargetsEndsTheLooksThatAreUnderWay) {
  // Longer than the run may take: who waits for its end is told that it was killed for that.
  let_the_probe_tell({}, "sleep 1000");
  v1::Assignment other = assignment("other", "192.0.2.8:443");
  other.set_interval_milliseconds(1'000);
  take(answer({assignment("shop"), other}));
  const auto looks_at = [this](const std::string& entity) {
    const std::vector<v1::TargetLook> all = looks();
    return std::count_if(all.begin(), all.end(),
                         [&](const v1::TargetLook& look) { return look.entity() == entity; });
  };
  run_until([&] { return looks_at("shop") == 1; });
  const auto before = looks_at("other");

  let_the_probe_tell({"other"});
  config_.allowed_targets = {
      {.networks = {*parse_network("192.0.2.8")}, .names = {}, .ports = {443}}};
  work_->start(config_);
  run_until([&] { return sections_["other"].outcome() == v1::OUTCOME_OBSERVED; });
  EXPECT_GT(looks_at("other"), before) << "by a probe that knows the new rules";
  EXPECT_EQ(looks_at("shop"), 1) << "what is not allowed any more is not looked at again";
  run_until([&] { return runner_->counts_of("tcp").runs >= 2; });
  EXPECT_EQ(runner_->counts_of("tcp").failures, 0U) << "it was not waited for";
  EXPECT_THAT(sections_["shop"].reason(), HasSubstr("does not list 192.0.2.7:443"));
}

// The probe that runs goes by the rates that it was started with.
TEST_F(TargetWorkTest, AReloadWithLowerRatesMakesTheLooksThatAreUnderWayAnew) {
  for (uint32_t Config::*const rate :
       {&Config::looks_per_second, &Config::looks_per_address_per_second}) {
    sections_.clear();
    std::filesystem::remove_all(directory_.file("batches"));
    std::filesystem::create_directory(directory_.file("batches"));
    let_the_probe_tell({}, "sleep 1000");
    start();
    take(answer({assignment("shop")}));
    run_until([this] { return looks().size() == 1 && looks()[0].entity() == "shop"; });
    // Its hourly look has begun.
    run_until(
        [&] { return clock_.uptime() > std::chrono::nanoseconds(looks()[0].start_nanoseconds()); });
    let_the_probe_tell({"shop"});
    --(config_.*rate);
    work_->start(config_);
    run_until_told_of("shop");
    EXPECT_EQ(sections_["shop"].outcome(), v1::OUTCOME_OBSERVED) << sections_["shop"].reason();
    EXPECT_EQ(looks().size(), 2U);
  }
}

TEST_F(TargetWorkTest, AReloadThatChangesNothingForTargetsLeavesTheirLooksAlone) {
  let_the_probe_tell({"shop"}, "sleep 0.3");
  take(answer({assignment("shop")}));
  run_until([this] { return looks().size() == 1; });
  work_->start(config_);
  run_until([this] { return runner_->counts_of("tcp").runs > 0; });
  context_.restart();
  context_.run_for(10ms);
  EXPECT_EQ(sections_["shop"].outcome(), v1::OUTCOME_OBSERVED) << sections_["shop"].reason();
  EXPECT_EQ(looks().size(), 1U);
}

}  // namespace
}  // namespace muster::agent
