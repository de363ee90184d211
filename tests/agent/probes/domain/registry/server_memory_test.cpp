// What is kept of registries' servers between runs, and what of its bytes counts for nothing.
#include "agent/probes/domain/registry/server_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/timestamp.h"
#include "muster/v1/registry_memory.pb.h"

namespace muster::domains::registry {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using ::testing::Optional;

const ServerMemory::Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);

ServerMemory again(const ServerMemory& memory, ServerMemory::Time now = kNow) {
  return ServerMemory::parse(memory.serialize(), now);
}

TEST(ServerMemory, KeepsAllOfItFromOneRunToTheNext) {
  ServerMemory memory;
  EXPECT_EQ(memory.serialize(), "");
  memory.leave_alone("rdap.example.net", 2h, kNow);
  memory.learn_whois_server("test", "whois.nic.test", kNow);
  memory.learn_whois_server("none", "", kNow);
  memory.asked_for_bootstrap(kNow);
  ASSERT_TRUE(memory.keep_bootstrap("a list"));
  const ServerMemory kept = again(memory);
  EXPECT_THAT(kept.rests_until("rdap.example.net", kNow), Optional(kNow + 2h));
  EXPECT_EQ(kept.rests_until("rdap.example.net", kNow + 2h), std::nullopt);
  EXPECT_EQ(kept.rests_until("other.example.net", kNow), std::nullopt);
  EXPECT_THAT(kept.whois_server("test", kNow), Optional(std::string("whois.nic.test")));
  EXPECT_THAT(kept.whois_server("none", kNow), Optional(std::string()));
  EXPECT_EQ(kept.whois_server("other", kNow), std::nullopt);
  EXPECT_THAT(kept.bootstrap(), Optional(std::string("a list")));
  EXPECT_FALSE(kept.bootstrap_is_due(kNow + kBootstrapAge - 1s));
  EXPECT_TRUE(kept.bootstrap_is_due(kNow + kBootstrapAge));
  EXPECT_EQ(kept.serialize(), memory.serialize());
}

TEST(ServerMemory, DoublesARestUpToAWeekAndForgetsItWithAnAnswer) {
  ServerMemory memory;
  ServerMemory::Time now = kNow;
  for (const seconds rest :
       {seconds(1h), seconds(2h), seconds(4h), seconds(8h), seconds(16h), seconds(32h),
        seconds(64h), seconds(128h), seconds(168h), seconds(168h)}) {
    EXPECT_EQ(memory.leave_alone("rdap.example.net", std::nullopt, now) - now, rest);
    now += rest;
    memory = again(memory, now);
  }
  memory.answered("rdap.example.net");
  EXPECT_EQ(memory.leave_alone("rdap.example.net", std::nullopt, now) - now, 1h);
  EXPECT_EQ(memory.leave_alone("rdap.example.net", 1000h, now) - now, kLongestRest);
}

TEST(ServerMemory, AsksAgainForAListThatNeverCameAfterADay) {
  ServerMemory memory;
  EXPECT_TRUE(memory.bootstrap_is_due(kNow));
  memory.asked_for_bootstrap(kNow);
  EXPECT_FALSE(memory.bootstrap_is_due(kNow + kBootstrapRetry - 1s));
  EXPECT_TRUE(memory.bootstrap_is_due(kNow + kBootstrapRetry));
}

TEST(ServerMemory, BelievesNoBytesThatItWouldNotHaveWritten) {
  EXPECT_EQ(ServerMemory::parse("\x0a\xff not a message", kNow).serialize(), "");
  v1::RegistryMemory message;
  for (const char* host : {"", "Rdap.Example.Net", "rdap example", "rdap\x1b[2J", "a/b"}) {
    v1::ServerAtRest& rest = *message.add_servers_at_rest();
    rest.set_host(host);
    *rest.mutable_until() = to_proto(kNow + 1h);
    v1::KnownWhoisServer& server = *message.add_whois_servers();
    server.set_top_level_domain(host[0] == '\0' ? host : "test");
    server.set_host(host[0] == '\0' ? "whois.nic.test" : host);
    *server.mutable_learned_at() = to_proto(kNow - 1h);
  }
  // Learned tomorrow, and asked for then: a clock was wrong.
  v1::KnownWhoisServer& ahead = *message.add_whois_servers();
  ahead.set_top_level_domain("test");
  ahead.set_host("whois.nic.test");
  *ahead.mutable_learned_at() = to_proto(kNow + 24h);
  *message.mutable_bootstrap_asked_at() = to_proto(kNow + 24h);
  EXPECT_EQ(ServerMemory::parse(message.SerializeAsString(), kNow).serialize(), "");
}

TEST(ServerMemory, LeavesNobodyAloneForLongerThanAWeekWhateverItsBytesSay) {
  v1::RegistryMemory message;
  v1::ServerAtRest& rest = *message.add_servers_at_rest();
  rest.set_host("rdap.example.net");
  *rest.mutable_until() = to_proto(kNow + 24h * 365);
  rest.set_times(0xffffffff);
  ServerMemory memory = ServerMemory::parse(message.SerializeAsString(), kNow);
  EXPECT_THAT(memory.rests_until("rdap.example.net", kNow), Optional(kNow + kLongestRest));
  EXPECT_EQ(memory.leave_alone("rdap.example.net", std::nullopt, kNow), kNow + kLongestRest);
}

TEST(ServerMemory, IsBoundedInEverythingAndForgetsWhoMayBeAskedFirst) {
  ServerMemory memory;
  for (size_t i = 0; i <= kMostServersAtRest; ++i)
    memory.leave_alone("rdap" + std::to_string(i) + ".example.net", 1h + seconds(i), kNow);
  EXPECT_EQ(memory.rests_until("rdap0.example.net", kNow), std::nullopt);
  EXPECT_NE(memory.rests_until("rdap1.example.net", kNow), std::nullopt);
  const std::string label(60, 'a');
  for (size_t i = 0; i <= kMostWhoisServers; ++i) {
    memory.learn_whois_server("t" + std::to_string(i),
                              label + "." + label + "." + label + "." + label + ".test",
                              kNow - 1h + seconds(i));
  }
  EXPECT_EQ(memory.whois_server("t0", kNow), std::nullopt);
  EXPECT_NE(memory.whois_server("t1", kNow), std::nullopt);
  // Servers that are asked for again make room for those that are to be left alone.
  const std::string bytes = memory.serialize();
  EXPECT_LE(bytes.size(), kLargestMemory);
  EXPECT_NE(ServerMemory::parse(bytes, kNow).rests_until("rdap1.example.net", kNow), std::nullopt);
}

TEST(ServerMemory, KeepsNoListBeyondItsBoundsAndUnpacksNone) {
  ServerMemory memory;
  EXPECT_TRUE(memory.keep_bootstrap(std::string(kLargestBootstrap, 'x')));
  EXPECT_EQ(memory.bootstrap()->size(), kLargestBootstrap);
  EXPECT_FALSE(memory.keep_bootstrap(std::string(kLargestBootstrap + 1, 'x')));
  // It does not shrink.
  std::string random;
  uint32_t state = 1;
  for (size_t i = 0; i < kLargestPackedBootstrap * 2; ++i) {
    state = state * 1664525 + 1013904223;
    random += static_cast<char>(state >> 24);
  }
  EXPECT_FALSE(memory.keep_bootstrap(random));
  v1::RegistryMemory message;
  message.set_bootstrap("no gzip");
  const ServerMemory broken = ServerMemory::parse(message.SerializeAsString(), kNow);
  EXPECT_EQ(broken.bootstrap(), std::nullopt);
}

}  // namespace
}  // namespace muster::domains::registry
