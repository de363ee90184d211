#include "tests/simulator/simulated_agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/digest.h"
#include "tests/simulator/linux_servers.h"

namespace muster::simulator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TimePoint kNow(std::chrono::seconds(1'795'262'400));
constexpr size_t kPackages = 2;

// A collector that commits everything.
v1::SyncResponse commit(const v1::SyncRequest& request) {
  v1::SyncResponse response;
  response.set_epoch(request.epoch());
  for (const v1::SectionVersion& version : request.versions()) {
    v1::CommittedSection& committed = *response.add_committed();
    committed.set_probe(version.probe());
    committed.set_sequence(version.sequence());
  }
  return response;
}

class SimulatedAgentTest : public ::testing::Test {
 protected:
  static std::vector<std::string> with_facts(const v1::SyncRequest& request) {
    std::vector<std::string> probes;
    for (const v1::SectionVersion& version : request.versions()) {
      if (version.has_facts()) probes.push_back(version.probe());
    }
    return probes;
  }
  void sync() { (void)agent_.take(commit(agent_.request(kNow))); }

  LinuxServers source_{{}, kNow};
  FactCounts counts_;
  SimulatedAgent agent_{source_, counts_, 7, {}, 1000, kNow};
};

TEST_F(SimulatedAgentTest, SendsAllFactsOnceAndThenHeartbeats) {
  const v1::SyncRequest first = agent_.request(kNow);
  EXPECT_EQ(first.epoch(), 1000);
  EXPECT_THAT(with_facts(first),
              ElementsAre("agent", "host", "packages-apt", "certificates", "restart", "lifecycle",
                          "antivirus", "intrusion-detection", "sockets", "listeners", "firmware",
                          "hardware"));
  EXPECT_FALSE(agent_.is_in_sync());
  (void)agent_.take(commit(first));
  EXPECT_TRUE(agent_.is_in_sync());

  const v1::SyncRequest second = agent_.request(kNow);
  EXPECT_THAT(with_facts(second), IsEmpty());
  ASSERT_EQ(second.versions_size(), 12);
  EXPECT_EQ(second.versions(2).digest(), first.versions(2).digest());
  EXPECT_EQ(second.versions(0).measurements_size(), 49);
  EXPECT_EQ(counts_.sent, 12);
}

TEST_F(SimulatedAgentTest, SendsEveryVersionOfAProbeThatChangedTwiceOldestFirst) {
  sync();
  agent_.change(kNow + std::chrono::seconds(1));
  agent_.change(kNow + std::chrono::seconds(2));
  EXPECT_FALSE(agent_.is_in_sync());
  const v1::SyncRequest request = agent_.request(kNow + std::chrono::seconds(3));
  EXPECT_THAT(with_facts(request), ElementsAre("packages-apt", "packages-apt"));
  EXPECT_EQ(request.versions(0).sequence(), 2);
  EXPECT_EQ(request.versions(1).sequence(), 3);
  EXPECT_EQ(request.versions(1).digest(), sha256(request.versions(1).facts()));
  EXPECT_NE(request.versions(0).digest(), request.versions(1).digest());
  (void)agent_.take(commit(request));
  EXPECT_TRUE(agent_.is_in_sync());
}

TEST_F(SimulatedAgentTest, CountsWhatItSendsAgainByWhetherItWasAcknowledged) {
  (void)agent_.request(kNow);
  (void)agent_.take(absl::UnavailableError("killed"));
  EXPECT_FALSE(agent_.is_in_sync());
  sync();
  EXPECT_EQ(counts_.sent, 24);
  EXPECT_EQ(counts_.retried, 12);
  EXPECT_EQ(counts_.resent, 0);

  v1::SyncResponse response = commit(agent_.request(kNow));
  response.add_wanted()->set_probe("host");
  const agent::ReportResult result = agent_.take(response);
  EXPECT_TRUE(result.continues);
  EXPECT_FALSE(agent_.is_in_sync());
  EXPECT_THAT(with_facts(agent_.request(kNow)), ElementsAre("host"));
  EXPECT_EQ(counts_.resent, 1);
  EXPECT_EQ(counts_.wanted, 1);
}

TEST_F(SimulatedAgentTest, SaysHowManyReportsFailedInARow) {
  EXPECT_EQ(agent_.take(absl::UnavailableError("away")).failures, 1);
  EXPECT_EQ(agent_.take(absl::UnavailableError("away")).failures, 2);
  sync();
  EXPECT_EQ(agent_.take(absl::UnavailableError("away")).failures, 1);
}

TEST_F(SimulatedAgentTest, BeginsAnEpochAboveTheCollectorsWhereThatIsAhead) {
  sync();
  v1::SyncResponse response;
  response.set_epoch(5000);
  (void)agent_.take(response);
  const v1::SyncRequest request = agent_.request(kNow);
  EXPECT_EQ(request.epoch(), 5001);
  EXPECT_EQ(with_facts(request).size(), 12);
}

TEST_F(SimulatedAgentTest, KeepsABoundedNumberOfVersionsAndCountsTheOthers) {
  sync();
  for (size_t i = 0; i < SimulatedAgent::kMostWaiting + 3; ++i)
    agent_.change(kNow);
  EXPECT_EQ(counts_.dropped, 3);
  const v1::SyncRequest request = agent_.request(kNow);
  EXPECT_EQ(with_facts(request).size(), SimulatedAgent::kMostWaiting);
  EXPECT_EQ(request.versions(0).sequence(), 5);
  sync();
  EXPECT_TRUE(agent_.is_in_sync());
}

TEST_F(SimulatedAgentTest, SplitsWhatIsLargerThanAReport) {
  const LinuxServers large({.updates = 5000, .changed_updates = 1}, kNow);
  SimulatedAgent agent(large, counts_, 0, {}, 1, kNow);
  agent.change(kNow);
  const v1::SyncRequest request = agent.request(kNow);
  EXPECT_TRUE(request.more());
  EXPECT_TRUE(agent.take(commit(request)).continues);
  EXPECT_FALSE(agent.is_in_sync());
}

TEST_F(SimulatedAgentTest, GoesOnFromItsMemoryWithoutSendingWhatIsKnown) {
  sync();
  agent_.change(kNow);
  sync();
  const AgentMemory memory = agent_.memory();
  EXPECT_EQ(memory.epoch, 1000);
  EXPECT_EQ(memory.probes[kPackages].sequence, 2);
  SimulatedAgent again(source_, counts_, 7, memory, 2000, kNow);
  const v1::SyncRequest request = again.request(kNow);
  EXPECT_EQ(request.epoch(), 1000);
  EXPECT_THAT(with_facts(request), IsEmpty());
  EXPECT_EQ(request.versions(kPackages).sequence(), 2);
}

TEST(LinuxServers, GiveTheSameFactsForASequenceAndOthersForAnother) {
  const LinuxServers source({.updates = 50, .changed_updates = 50}, kNow);
  const v1::Section first = source.look(3, kPackages, 1, kNow);
  EXPECT_EQ(source.look(3, kPackages, 1, kNow + std::chrono::hours(1)).facts(), first.facts());
  EXPECT_NE(source.look(3, kPackages, 2, kNow).facts(), first.facts());
  EXPECT_EQ(simulated_host_name(3), "sim-00003");
}

}  // namespace
}  // namespace muster::simulator
