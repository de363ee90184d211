#include "agent/config/targets_settings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/output/status_text.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// With `targets:` a map of these lines.
absl::StatusOr<Config> parse(const std::string& targets) {
  return parse_config("collectors: ['c:1']\ntargets:\n" + targets, "agent.yml");
}

std::string complaints(const std::string& targets) {
  const absl::StatusOr<Config> config = parse(targets);
  return config.ok() ? "" : std::string(text_of(config.status()));
}

TEST(TargetsSettings, AreNoTargetAtAllByDefault) {
  const absl::StatusOr<Config> config = parse_config("collectors: ['c:1']\n", "agent.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->allowed_targets.empty());
  EXPECT_TRUE(config->own_targets.empty());
  EXPECT_EQ(config->looks_per_second, 100U);
  EXPECT_EQ(config->looks_per_address_per_second, 5U);
}

TEST(TargetsSettings, AreReadWithEveryKey) {
  const absl::StatusOr<Config> config = parse(R"(
  allow:
    - {networks: [192.0.2.0/24], ports: [443], kinds: [tcp]}
    - {names: ['*.example.org'], ports: [443]}
  own:
    - {name: redis, kind: tcp, address: '[::1]:6379', interval: 5s, timeout: 500ms}
    - {name: PostgreSQL_15.main, kind: tcp, address: '127.0.0.1:5432'}
  looks_per_second: 10000
  looks_per_address_per_second: 1
)");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->allowed_targets.size(), 2U);
  EXPECT_THAT(config->allowed_targets[0].kinds, ElementsAre("tcp"));
  EXPECT_TRUE(config->allowed_targets[1].kinds.empty());
  ASSERT_EQ(config->own_targets.size(), 2U);
  const Target& first = config->own_targets[0];
  EXPECT_EQ(first.name, "PostgreSQL_15.main") << "they are sorted";
  EXPECT_EQ(first.interval, 1min);
  EXPECT_EQ(first.timeout, 10s);
  const Target& second = config->own_targets[1];
  EXPECT_EQ(second.kind, "tcp");
  EXPECT_EQ(second.address, "[::1]:6379");
  EXPECT_EQ(second.interval, 5s);
  EXPECT_EQ(second.timeout, 500ms);
  EXPECT_EQ(config->looks_per_second, 10'000U);
  EXPECT_EQ(config->looks_per_address_per_second, 1U);
}

TEST(TargetsSettings, AnUsualTimeOutIsNeverLongerThanTheInterval) {
  const auto config = parse("  own: [{name: a, kind: tcp, address: 'a:1', interval: 2s}]\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->own_targets[0].timeout, 2s);
}

TEST(TargetsSettings, NamesMayBeReachedThroughAProxy) {
  const auto config = parse(
      "  allow: [{names: ['*.example.org'], ports: [443], kinds: [tls], proxy: "
      "'p.example:3128'}]\n");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_TRUE(config->allowed_targets[0].proxy.has_value());
  EXPECT_EQ(config->allowed_targets[0].proxy->text(), "p.example:3128");
}

TEST(TargetsSettings, EveryMistakeIsNamedWithItsPlace) {
  const struct {
    const char* text;
    const char* complaint;
  } cases[] = {
      {"  allow: [{networks: [192.0.2.7], ports: [1], kinds: [tpc]}]",
       "agent.yml:3:54: 'tpc' is no kind of target (there are: tcp, tls, domain, zone, "
       "lookalikes)"},
      {"  allow: [{networks: [192.0.2.7], ports: [1], kinds: []}]", "leave it out for all"},
      {"  allow: [{names: [a.b], ports: [1], kinds: [tls], proxy: 'http://p:1'}]",
       "agent.yml:3:59: 'http://p:1' is not the address of a proxy"},
      {"  allow: [{names: [a.b], ports: [1], proxy: 'p:1'}]", "is for kinds: [tls]"},
      {"  allow: [{names: [a.b], ports: [1], kinds: [tcp, tls], proxy: 'p:1'}]",
       "is for kinds: [tls]"},
      {"  allow: [{networks: [192.0.2.7], ports: [1], kinds: [tls], proxy: 'p:1'}]",
       "an entry that has it has no networks"},
      {"  own: [{kind: tcp, address: 'a:1'}]", "'name' is missing"},
      {"  own: [{name: a, kind: tcp}]", "'address' is missing"},
      {"  own: [{name: a, address: 'a:1'}]", "'kind' is missing"},
      {"  own: [{name: a b, kind: tcp, address: 'a:1'}]",
       "cannot be the name of a target of an agent's own"},
      {"  own: [{name: '', kind: tcp, address: 'a:1'}]",
       "cannot be the name of a target of an agent's own"},
      {"  own: [{name: a/b, kind: tcp, address: 'a:1'}]",
       "cannot be the name of a target of an agent's own"},
      {"  own: [{name: a, kind: udp, address: 'a:1'}]", "tcp"},
      {"  own: [{name: a, kind: tcp, address: 'a'}]",
       "agent.yml:3:39: 'a' is not the address of a target"},
      {"  own: [{name: a, kind: tcp, address: 'a:1', interval: 999ms}]", "agent.yml:3:"},
      {"  own: [{name: a, kind: tcp, address: 'a:1', interval: 25h}]", "agent.yml:3:"},
      {"  own: [{name: a, kind: tcp, address: 'a:1', timeout: 99ms}]", "agent.yml:3:"},
      {"  own: [{name: a, kind: tcp, address: 'a:1', timeout: 61s, interval: 2m}]", "agent.yml:3:"},
      {"  own: [{name: a, kind: tcp, address: 'a:1', timeout: 6s, interval: 5s}]",
       "the timeout (6s) is longer than the interval (5s)"},
      {"  own: [{name: a, kind: tcp, address: 'a:1', labels: {b: c}}]", "labels"},
      {"  own: [{name: a, kind: tcp, address: 'a:1'}, {name: a, kind: tcp, address: 'b:1'}]",
       "there are two of the name 'a'"},
      {"  looks_per_second: 0", "agent.yml:3:"},
      {"  looks_per_second: 10001", "agent.yml:3:"},
      {"  looks_per_address_per_second: 0", "agent.yml:3:"},
      {"  looks_per_address_per_second: 1001", "agent.yml:3:"},
      {"  looks_per_secnd: 1", "looks_per_second"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(complaints(test.text), HasSubstr(test.complaint)) << test.text;
  }
}

TEST(TargetsSettings, ANameThatCannotBeIsOneMistake) {
  EXPECT_EQ(complaints("  own: [{name: a/b, kind: tcp, address: 'a:1'}]"),
            "agent.yml:3:16: 'a/b' cannot be the name of a target of an agent's own: 1 to 64 "
            "letters, digits and . _ -");
  EXPECT_EQ(complaints("  own: [{kind: tcp, address: 'a:1'}]"), "agent.yml:3:9: 'name' is missing");
}

TEST(TargetsSettings, ANameHasAtMost64Bytes) {
  const auto of_length = [](size_t length) {
    return complaints(fmt::format("  own: [{{name: {}, kind: tcp, address: 'a:1'}}]\n",
                                  std::string(length, 'a')));
  };
  EXPECT_EQ(of_length(64), "");
  EXPECT_THAT(of_length(65), HasSubstr("1 to 64 letters"));
}

TEST(TargetsSettings, BoundsItsLists) {
  const auto own = [](size_t count) {
    std::string text = "  own:\n";
    for (size_t i = 0; i < count; ++i)
      text += fmt::format("    - {{name: t{}, kind: tcp, address: 'a:1'}}\n", i);
    return complaints(text);
  };
  EXPECT_EQ(own(kMostOwnTargets), "");
  EXPECT_THAT(own(kMostOwnTargets + 1), HasSubstr("at most 100 targets"));
  std::string allow = "  allow:\n";
  for (size_t i = 0; i <= kMostAllowedEntries; ++i)
    allow += "    - {networks: [192.0.2.0/24], ports: [443]}\n";
  EXPECT_THAT(complaints(allow), HasSubstr("at most 1000 entries"));
}

}  // namespace
}  // namespace muster::agent
