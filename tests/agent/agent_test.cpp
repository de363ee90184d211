// The whole loop with real (shell script) probes and a collector in memory.
#include "agent/agent.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/delimited_message_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "agent/looking/probe_list.h"
#include "agent/output/status_file.h"
#include "muster/v1/agent_facts.pb.h"
#include "tests/agent/fake_transport.h"
#include "tests/agent/forked_launcher.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr size_t kMegabyte = 1 << 20;

class AgentTest : public ::testing::Test {
 protected:
  AgentTest() {
    config_.collectors = {{"collector.example.org", 8433}};
    config_.state_directory = directory_.path();
    config_.identity = identity_in(directory_.path());
    // Long, so that nothing but what a test is about makes a report.
    config_.sync_interval = 1h;
    for (const ProbeRow& row : all_probes()) {
      config_.probes.push_back({.enabled = true, .interval = 1h, .timeout = 60s, .settings = {}});
      answer(std::string(row.name), "facts of " + std::string(row.name));
    }
    start();
  }

  // The probe's program prints these facts from here on.
  void answer(const std::string& probe, const std::string& facts) {
    v1::Section section;
    section.set_probe(probe);
    section.set_outcome(v1::OUTCOME_OBSERVED);
    section.set_facts_type("muster.v1.HostFacts");
    section.set_facts(facts);
    std::ostringstream bytes;
    google::protobuf::util::SerializeDelimitedToOstream(section, &bytes);
    const std::string file = directory_.write("sections/" + probe + ".new", bytes.str());
    std::filesystem::rename(file, directory_.path() + "/sections/" + probe);
    directory_.write("probes/muster-probe-" + probe,
                     fmt::format("#!/bin/sh\ncat {}/sections/{}\n", directory_.path(), probe),
                     0755);
  }

  ProbeConfig& config_of(std::string_view probe) {
    const auto row = std::find_if(all_probes().begin(), all_probes().end(),
                                  [probe](const ProbeRow& each) { return each.name == probe; });
    return config_.probes[static_cast<size_t>(row - all_probes().begin())];
  }

  void start() {
    agent_.reset();
    auto outbox = Outbox::open({.directory = directory_.path() + "/outbox", .write = {}}, clock_);
    ASSERT_TRUE(outbox.ok()) << outbox.status();
    agent_ = std::make_unique<Agent>(
        context_, config_,
        AgentParts{
            .clock = clock_,
            .random = [] { return 0.5; },
            .make_transport =
                [this](const Config&) {
                  return std::make_unique<FakeTransport>(context_, collector_);
                },
            .make_reenrolment = [](const Config&) { return nullptr; },
            .probe_directory = directory_.path() + "/probes",
            .connect_launcher = test::forked_launcher(all_probes(), directory_.path() + "/probes"),
            .outbox = *std::move(outbox)});
    agent_->start();
  }

  template <typename Condition>
  void run_until(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 100s;
    context_.restart();
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it never came true";
      context_.run_for(5ms);
      context_.restart();
    }
  }
  void run_until_reports(size_t count) {
    run_until([&] { return collector_.requests.size() >= count; });
    // The answer, too.
    run_until([&] { return read_status(directory_.path()).ok(); });
  }

  // "host 1 facts" as in outbox_test.
  std::vector<std::string> texts(size_t request) const {
    std::vector<std::string> result;
    for (const v1::SectionVersion& version : collector_.requests.at(request).versions()) {
      const std::string facts = version.probe() == "agent" ? "…" : version.facts();
      result.push_back(fmt::format("{} {} {}", version.probe(), version.sequence(),
                                   version.has_facts() ? facts : "-"));
    }
    return result;
  }

  static const v1::SectionVersion* find(const v1::SyncRequest& request, std::string_view probe) {
    for (const v1::SectionVersion& version : request.versions()) {
      if (version.probe() == probe) return &version;
    }
    return nullptr;
  }

  test::TemporaryDirectory directory_;
  SystemClock clock_;
  boost::asio::io_context context_{1};
  FakeCollector collector_;
  Config config_;
  std::unique_ptr<Agent> agent_;
};

TEST_F(AgentTest, ReportsEverythingOnceTheFirstLooksAreDone) {
  run_until_reports(1);
  std::vector<std::string> expected{"agent 1 …"};
  for (const ProbeRow& row : all_probes()) {
    if (!looks_at_targets(row)) expected.push_back(fmt::format("{0} 1 facts of {0}", row.name));
  }
  EXPECT_THAT(texts(0), ::testing::UnorderedElementsAreArray(expected));
  EXPECT_TRUE(collector_.requests[0].has_sent_at());
}

TEST_F(AgentTest, ReportsItselfWithItsProbesAndItsOutbox) {
  config_.labels = {{"rack", "b12"}};
  agent_->reload(config_);
  run_until_reports(1);
  const v1::SectionVersion* own = find(collector_.requests[0], "agent");
  ASSERT_NE(own, nullptr);
  v1::AgentFacts facts;
  ASSERT_EQ(own->facts_type(), "muster.v1.AgentFacts");
  ASSERT_TRUE(facts.ParseFromString(own->facts()));
  EXPECT_FALSE(facts.version().empty());
  ASSERT_EQ(facts.probes_size(), all_probes().size());
  EXPECT_EQ(facts.probes(0).name(), "host");
  EXPECT_EQ(facts.probes(0).interval_seconds(), 3600);
  EXPECT_EQ(facts.labels().at("rack"), "b12");
  std::map<std::string, double> measured;
  for (const v1::Measurement& measurement : own->measurements())
    measured[measurement.name() + " " + measurement.subject()] = measurement.value();
  EXPECT_EQ(measured["probe_runs_total host"], 1);
  EXPECT_GT(measured["probe_duration_seconds host"], 0);
  EXPECT_GE(measured["outbox_entries "], 3);
  EXPECT_TRUE(measured.contains("outbox_refused_total "));
  EXPECT_GT(measured["resident_memory_bytes "], 0);
}

TEST_F(AgentTest, SendsAChangeSoonAndTheRestAsHeartbeats) {
  config_of("certificates").interval = 50ms;
  agent_->reload(config_);
  run_until_reports(1);
  answer("certificates", "others");
  run_until_reports(2);
  EXPECT_THAT(texts(1), ::testing::Contains("certificates 2 others"));
  EXPECT_THAT(texts(1), ::testing::Contains("host 1 -"));
}

TEST_F(AgentTest, FactsThatTheCollectorLacksFollowTheHeartbeatAtOnce) {
  run_until_reports(1);
  run_until([&] { return read_status(directory_.path())->outbox_entries() == 0; });
  agent_->stop();
  collector_.answer = [](const v1::SyncRequest& request) {
    auto response = FakeCollector::commit(request);
    const v1::SectionVersion* host = find(request, "host");
    if (host != nullptr && !host->has_facts()) response->add_wanted()->set_probe("host");
    return response;
  };
  // Nothing changes, and the interval is an hour.
  start();
  run_until_reports(3);
  EXPECT_THAT(texts(1), ::testing::Contains("host 1 -"));
  EXPECT_THAT(texts(2), ::testing::Contains("host 1 facts of host"));
  EXPECT_THAT(texts(2), ::testing::Contains("certificates 1 -")) << "and nothing else";
}

TEST_F(AgentTest, ACollectorThatWantsAgainWhatItGotIsNotSentItAtOnceWhileMoreWaits) {
  agent_->stop();
  std::filesystem::remove_all(directory_.path() + "/outbox");
  collector_.answer = [](const v1::SyncRequest& request) {
    auto response = FakeCollector::commit(request);
    for (const v1::SectionVersion& version : request.versions())
      response->add_wanted()->set_probe(version.probe());
    return response;
  };
  // Each fills a report, so that more waits behind it.
  for (const char* probe : {"host", "certificates"}) {
    answer(probe, std::string(kMegabyte, 'x'));
  }
  start();
  run_until_reports(1);
  context_.restart();
  context_.run_for(200ms);
  EXPECT_TRUE(collector_.requests[0].more());
  EXPECT_LE(collector_.requests.size(), 2);
}

TEST_F(AgentTest, SendsAgainWhatTheCollectorWants) {
  collector_.answer = [](const v1::SyncRequest& request) {
    auto response = FakeCollector::commit(request);
    response->add_wanted()->set_probe("host");
    return response;
  };
  run_until_reports(1);
  // It carried the facts and is wanted still: that can wait.
  collector_.answer = FakeCollector::commit;
  config_of("certificates").interval = 50ms;
  agent_->reload(config_);
  answer("certificates", "others");
  run_until_reports(2);
  EXPECT_THAT(texts(1), ::testing::Contains("host 1 facts of host"));
}

TEST_F(AgentTest, BeginsANewEpochAndSendsAllWhenTheCollectorIsAhead) {
  collector_.answer = [this](const v1::SyncRequest& request) {
    auto response = FakeCollector::commit(request);
    if (collector_.requests.size() == 1) response->set_epoch(request.epoch() + 5'000'000'000'000);
    return response;
  };
  run_until_reports(2);
  EXPECT_GT(collector_.requests[1].epoch(), collector_.requests[0].epoch() + 5'000'000'000'000);
  EXPECT_THAT(texts(1), ::testing::Contains("host 1 facts of host"));
}

TEST_F(AgentTest, ACollectorThatIsNeverContentDoesNotMakeItRunInCircles) {
  for (const bool by_epoch : {false, true}) {
    collector_.requests.clear();
    collector_.answer = [by_epoch](const v1::SyncRequest& request) {
      auto response = FakeCollector::commit(request);
      response->add_wanted()->set_probe("never-heard-of");
      if (by_epoch) response->set_epoch(request.epoch() + 1);
      return response;
    };
    agent_->stop();
    std::filesystem::remove_all(directory_.path() + "/outbox");
    start();
    run_until_reports(2);
    // Had it gone on at once, this would be thousands.
    context_.restart();
    context_.run_for(200ms);
    EXPECT_LE(collector_.requests.size(), 3);
  }
}

TEST_F(AgentTest, OneRefusedVersionDoesNotHoldUpTheOthers) {
  // Refusals wait for the interval; short here, as it is what has to pass.
  config_.sync_interval = 20ms;
  collector_.answer = [](const v1::SyncRequest& request) -> absl::StatusOr<v1::SyncResponse> {
    for (const v1::SectionVersion& version : request.versions()) {
      if (version.probe() == "host") return absl::InvalidArgumentError("host: out of bounds");
    }
    return FakeCollector::commit(request);
  };
  agent_->reload(config_);
  std::map<std::string, int> committed;
  run_until([&] {
    committed.clear();
    for (const v1::SyncRequest& request : collector_.requests) {
      if (find(request, "host") != nullptr) continue;
      for (const v1::SectionVersion& version : request.versions())
        ++committed[version.probe()];
    }
    return committed["certificates"] > 1 && committed["packages-apt"] > 1 && committed["agent"] > 1;
  });
}

TEST_F(AgentTest, ALookThatFailsLeavesItsReason) {
  run_until_reports(1);
  run_until([&] { return read_status(directory_.path())->outbox_entries() == 0; });
  std::filesystem::remove(directory_.path() + "/probes/muster-probe-certificates");
  agent_->reload(config_);
  run_until([&] {
    return !collector_.requests.empty() &&
           find(collector_.requests.back(), "certificates") != nullptr &&
           find(collector_.requests.back(), "certificates")->outcome() == v1::OUTCOME_FAILED;
  });
  EXPECT_THAT(find(collector_.requests.back(), "certificates")->reason(),
              HasSubstr("is not installed at"));
}

TEST_F(AgentTest, WritesItsStatusAndSaysWhenItEnds) {
  collector_.answer = [](const v1::SyncRequest&) -> absl::StatusOr<v1::SyncResponse> {
    return absl::UnavailableError("connection refused");
  };
  run_until([&] {
    const auto status = read_status(directory_.path());
    return status.ok() && status->last_sync_error() == "connection refused";
  });
  auto status = read_status(directory_.path());
  EXPECT_EQ(status->process_id(), ::getpid());
  EXPECT_EQ(status->collector(), "collector.example.org:8433");
  EXPECT_FALSE(status->has_last_sync_success_at());
  const auto looking = static_cast<size_t>(
      std::count_if(all_probes().begin(), all_probes().end(),
                    [](const ProbeRow& row) { return !looks_at_targets(row); }));
  EXPECT_GE(status->outbox_entries(), looking + 1);
  ASSERT_EQ(status->probes_size(), looking);
  EXPECT_EQ(status->probes(0).outcome(), v1::OUTCOME_OBSERVED);

  collector_.answer = FakeCollector::commit;
  run_until([&] {
    status = read_status(directory_.path());
    return status.ok() && status->last_sync_error().empty();
  });
  EXPECT_EQ(status->host(), "web1");
  EXPECT_TRUE(status->has_last_sync_success_at());
  agent_->stop();
  EXPECT_EQ(read_status(directory_.path())->process_id(), 0);
}

TEST_F(AgentTest, AfterARestartNothingKnownIsSentAgain) {
  run_until_reports(1);
  run_until([&] { return read_status(directory_.path())->outbox_entries() == 0; });
  agent_->stop();
  start();
  run_until_reports(2);
  EXPECT_THAT(texts(1),
              ::testing::IsSupersetOf({"host 1 -", "packages-apt 1 -", "certificates 1 -"}));
}

TEST_F(AgentTest, ADisabledProbeIsNotRun) {
  config_.probes[0].enabled = false;
  agent_->reload(config_);
  agent_->stop();
  collector_.requests.clear();
  std::filesystem::remove_all(directory_.path() + "/outbox");
  start();
  run_until_reports(1);
  EXPECT_EQ(find(collector_.requests[0], "host"), nullptr);
  EXPECT_NE(find(collector_.requests[0], "certificates"), nullptr);
}

}  // namespace
}  // namespace muster::agent
