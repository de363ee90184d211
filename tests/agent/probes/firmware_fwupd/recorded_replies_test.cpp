// What Debian's fwupd 2.0.20 once said, byte by byte, and a few thousand damaged forms of it.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "agent/probes/firmware_fwupd/fwupd_look.h"
#include "muster/v1/fwupd_facts.pb.h"
#include "tests/common/damaged_bytes.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace muster::fwupd {
namespace {

std::string recorded() {
  std::ifstream file(MUSTER_SOURCE_DIRECTORY "/tests/agent/probes/firmware_fwupd/recorded_replies",
                     std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RecordedReplies, AreReadAsTheyWere) {
  const std::string bytes = recorded();
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const Descriptor peer(ends[1]);
  ASSERT_EQ(::send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
  ::shutdown(peer.get(), SHUT_WR);
  const v1::Section section = look_at_fwupd(Descriptor(ends[0]));
  v1::FwupdFacts facts;
  ASSERT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  ASSERT_TRUE(facts.ParseFromString(section.facts()));
  EXPECT_EQ(facts.daemon_version(), "2.0.20");
  ASSERT_EQ(facts.devices_size(), 2);
  EXPECT_EQ(facts.devices(0).vendor(), "ACME Corp.");
  ASSERT_EQ(facts.devices(0).upgrades_size(), 2);
  EXPECT_EQ(facts.devices(0).upgrades(1).urgency(), v1::FIRMWARE_URGENCY_CRITICAL);
  EXPECT_GT(facts.security_attributes_size(), 10);
  EXPECT_EQ(facts.remotes_size(), 2);
  EXPECT_EQ(facts.unreadable_size(), 0);
}

TEST(RecordedReplies, KeepTheProbesPromisesHoweverTheyAreDamaged) {
  std::string whole = recorded();
  // After "DATA" and "OK ...".
  whole.erase(0, whole.find('\n', whole.find('\n') + 1) + 1);
  std::mt19937 random(20261123);
  for (int round = 0; round < 2000; ++round) {
    const std::string bytes = test::damaged(whole, random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
}

}  // namespace
}  // namespace muster::fwupd
