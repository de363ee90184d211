#include "tests/simulator/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <deque>

#include "tests/simulator/identities.h"
#include "tests/simulator/linux_servers.h"
#include "tests/simulator/phase_report.h"

namespace muster::simulator {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

// Answers at once, and remembers what it has committed; `failures` first answers are errors.
class FakeTransport : public FleetTransport {
 public:
  void sync(size_t host, const v1::SyncRequest& request) override {
    ++under_way;
    most_under_way = std::max(most_under_way, under_way);
    FleetAnswer answer;
    answer.host = host;
    answer.took = 2ms;
    answer.connected = !connected[host];
    if (failures > 0) {
      --failures;
      answer.response = absl::UnavailableError("away");
    } else {
      connected[host] = true;
      v1::SyncResponse response;
      response.set_epoch(request.epoch());
      response.set_next_sync_milliseconds(1000);
      for (const v1::SectionVersion& version : request.versions()) {
        v1::CommittedSection& committed = *response.add_committed();
        committed.set_probe(version.probe());
        committed.set_sequence(version.sequence());
      }
      answer.response = response;
    }
    answers.push_back(std::move(answer));
  }
  std::optional<FleetAnswer> next(Clock::time_point /*until*/) override {
    if (answers.empty()) return std::nullopt;
    FleetAnswer answer = std::move(answers.front());
    answers.pop_front();
    --under_way;
    return answer;
  }

  std::map<size_t, bool> connected;
  std::deque<FleetAnswer> answers;
  size_t under_way = 0;
  size_t most_under_way = 0;
  size_t failures = 0;
};

class SimulationTest : public ::testing::Test {
 protected:
  std::vector<PhaseResult> run(SimulationOptions options, size_t hosts) {
    std::vector<PhaseResult> phases;
    Simulation simulation(
        options, source_, transport_, clock_, std::vector<AgentMemory>(hosts),
        {.phase_ended = [&phases](const auto& p) { phases.push_back(p); },
         .should_end = [] { return false; },
         .should_begin_anew = [this] { return std::exchange(begin_anew_, false); }});
    simulation.run();
    memories_ = simulation.memories();
    return phases;
  }

  SystemClock clock_;
  LinuxServers source_{{}, clock_.now()};
  FakeTransport transport_;
  bool begin_anew_ = false;
  std::vector<AgentMemory> memories_;
};

TEST_F(SimulationTest, JoinsAllHostsAndEnds) {
  const std::vector<PhaseResult> phases = run({.until_in_sync = true}, 30);
  ASSERT_GE(phases.size(), 1);
  EXPECT_EQ(phases[0].phase, Phase::kJoining);
  EXPECT_EQ(phases[0].in_sync, 30);
  EXPECT_EQ(phases[0].syncs, 30);
  EXPECT_EQ(phases[0].connections, 30);
  EXPECT_EQ(phases[0].connecting_latency.count(), 30);
  EXPECT_EQ(phases[0].facts.sent, 360);
  EXPECT_EQ(memories_.size(), 30);
}

TEST_F(SimulationTest, ReportsAsFastAsItIsAnsweredWithAChangeEachTime) {
  const std::vector<PhaseResult> phases =
      run({.sync_interval = 0s, .change_every_sync = true, .concurrency = 4, .syncs = 500}, 10);
  ASSERT_EQ(phases.size(), 2);
  EXPECT_EQ(phases[1].phase, Phase::kSteady);
  EXPECT_GE(phases[1].syncs, 500);
  // But for those that were under way when all were in sync.
  EXPECT_NEAR(static_cast<double>(phases[1].facts.sent), static_cast<double>(phases[1].syncs), 4);
  EXPECT_EQ(phases[1].facts.resent, 0);
  EXPECT_EQ(phases[1].in_sync, 10);
  EXPECT_EQ(transport_.most_under_way, 4);
}

TEST_F(SimulationTest, CountsErrorsByCodeAndTriesAgain) {
  transport_.failures = 5;
  const std::vector<PhaseResult> phases = run({.until_in_sync = true}, 5);
  EXPECT_EQ(phases[0].errors.at("UNAVAILABLE"), 5);
  EXPECT_EQ(phases[0].facts.retried, 60);
  EXPECT_EQ(phases[0].in_sync, 5);
}

TEST_F(SimulationTest, DoubtsAllHostsWhenItBeginsAnew) {
  begin_anew_ = true;
  const std::vector<PhaseResult> phases = run({.until_in_sync = true}, 3);
  EXPECT_EQ(phases[0].in_sync, 0);
  EXPECT_EQ(phases[1].in_sync, 3);
}

TEST(LatencyHistogram, TellsQuantilesToTwoPercent) {
  LatencyHistogram latency;
  EXPECT_EQ(latency.quantile(0.5).count(), 0);
  for (int i = 1; i <= 1000; ++i)
    latency.add(std::chrono::milliseconds(i));
  EXPECT_NEAR(latency.quantile(0.5).count(), 0.5, 0.011);
  EXPECT_NEAR(latency.quantile(0.99).count(), 0.99, 0.021);
  EXPECT_EQ(latency.quantile(1).count(), 1);
  EXPECT_EQ(latency.max().count(), 1);
  // Beyond its buckets at both ends.
  latency.add(std::chrono::hours(1'000'000));
  latency.add(std::chrono::nanoseconds(0));
  EXPECT_EQ(latency.count(), 1002);
}

TEST(ServerUsage, IsReadFromProc) {
  EXPECT_DOUBLE_EQ(*parse_cpu_seconds("1 (a ) b) S 1 1 1 0 -1 0 1 2 3 4 250 50 7 8", 100), 3);
  EXPECT_FALSE(parse_cpu_seconds("nonsense", 100).ok());
  EXPECT_FALSE(parse_cpu_seconds("1 (a) S 1", 100).ok());
  EXPECT_DOUBLE_EQ(*parse_kib("Rss:  9 kB\nPss:     1234 kB\n", "Pss:"), 1234);
  EXPECT_FALSE(parse_kib("Rss: 9 kB\n", "Pss:").ok());
  EXPECT_TRUE(read_server_usage(::getpid()).ok());
}

google::protobuf::Struct parse(const std::string& json) {
  google::protobuf::Struct parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &parsed).ok()) << json;
  return parsed;
}

TEST(PhaseReport, SaysTheSameAsTextAndAsJson) {
  PhaseResult result;
  result.phase = Phase::kSteady;
  result.took = 2s;
  result.hosts = 10;
  result.in_sync = 9;
  result.syncs = 100;
  result.errors = {{"UNAVAILABLE", 2}, {"RESOURCE_EXHAUSTED", 1}};
  result.facts.resent = 1;
  const ServerMeasured server{.before = {.cpu_seconds = 1, .pss_kib = 1024},
                              .after = {.cpu_seconds = 1.5, .pss_kib = 2048}};
  EXPECT_THAT(phase_as_text(result, server),
              AllOf(HasSubstr("9 of 10"), HasSubstr("50 a second"), HasSubstr("2 UNAVAILABLE"),
                    HasSubstr("5000 us a sync")));
  const google::protobuf::Struct json = parse(phase_as_json(result, server));
  EXPECT_EQ(json.fields().at("phase").string_value(), "steady");
  EXPECT_EQ(json.fields().at("syncs_per_second").number_value(), 50);
  const auto inside = [&json](const char* name) {
    return json.fields().at(name).struct_value().fields();
  };
  EXPECT_EQ(inside("errors").at("RESOURCE_EXHAUSTED").number_value(), 1);
  EXPECT_EQ(inside("facts").at("resent").number_value(), 1);
  EXPECT_EQ(inside("server").at("cpu_seconds_per_sync").number_value(), 0.005);
  EXPECT_FALSE(parse(phase_as_json(result, std::nullopt)).fields().contains("server"));
}

TEST(Identities, EnrolTwentyHostsFromEachLoopbackAddress) {
  EXPECT_EQ(enrolment_source("127.0.0.1", 0), "127.0.1.1");
  EXPECT_EQ(enrolment_source("127.0.0.1", 19), "127.0.1.1");
  EXPECT_EQ(enrolment_source("127.0.0.1", 20), "127.0.1.2");
  EXPECT_EQ(enrolment_source("127.0.0.1", 49'999), "127.0.10.250");
  EXPECT_EQ(enrolment_source("collector.example.org", 0), "");
}

TEST(Memories, AreReadBackAsTheyWereWritten) {
  const std::vector<AgentMemory> memories = {
      {.epoch = 5, .probes = {{.sequence = 3, .acknowledged = 2}, {}}},
      {.epoch = 6, .probes = {{}, {.sequence = 9, .acknowledged = 9}}}};
  const std::string text = format_memories(memories);
  EXPECT_EQ(text, "5 3 2 1 0\n6 1 0 9 9\n");
  // One host more than the last time.
  const auto read = parse_memories(text, 3, 2);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(format_memories({(*read)[0], (*read)[1]}), text);
  EXPECT_EQ((*read)[2].epoch, 0);
  for (const char* bad : {"5 3\n", "x\n", "0 1 1 1 1\n", "5 1 1 1 1 1\n"}) {
    EXPECT_FALSE(parse_memories(bad, 1, 2).ok()) << bad;
  }
}

}  // namespace
}  // namespace muster::simulator
