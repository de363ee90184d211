#include "common/targets/domain_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "common/targets/target.h"
#include "common/targets/target_address.h"
#include "common/targets/target_file.h"
#include "common/targets/target_rules.h"

namespace muster {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string complaint(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(DomainTarget, IsANameInAnyAlphabetAndADateByHand) {
  EXPECT_EQ(parse_domain_target("example.org")->name, "example.org");
  EXPECT_EQ(parse_domain_target("Example.ORG.")->name, "example.org");
  EXPECT_EQ(parse_domain_target("bücher.example")->name, "xn--bcher-kva.example");
  EXPECT_FALSE(parse_domain_target("example.org")->expires_by_hand.has_value());
  // Until the end of that day.
  EXPECT_EQ(*parse_domain_target("example.de expires=2028-02-29")->expires_by_hand,
            TimePoint(std::chrono::sys_days(std::chrono::year(2028) / 3 / 1)));
}

TEST(DomainTarget, SaysWhatIsWrongWithIt) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "is empty"},
      {"example", "no domain"},
      {"192.0.2.1", "no domain"},
      {"example.org:443", "no domain"},
      {" example.org", "is empty"},
      {"example.org  expires=2027-03-31", "'' is nothing"},
      {"example.org expires=2027-02-29", "is no day"},
      {"example.org expires=2027-13-01", "is no day"},
      {"example.org expires=27-03-31", "is no day"},
      {"example.org expires=+027-03-31", "is no day"},
      {"example.org expires=1969-03-31", "is no day"},
      {"example.org expires=", "is no day"},
      {"example.org expires=2027-03-31 expires=2027-03-31", "expires= comes twice"},
      {"example.org dkim=mail", "after one space each, expires=2027-03-31"},
      {std::string(4097, 'a'), "is longer than 4096 bytes"},
  };
  for (const auto& [text, why] : cases)
    EXPECT_THAT(complaint(parse_domain_target(text).status()), HasSubstr(why)) << text;
}

TEST(ZoneTarget, HasSelectors) {
  EXPECT_THAT(parse_zone_target("example.org")->dkim_selectors, IsEmpty());
  EXPECT_THAT(parse_zone_target("example.org dkim=mail,2026a,mail,a.b_c")->dkim_selectors,
              ElementsAre("mail", "2026a", "a.b_c"));
  for (const char* const text : {"dkim=", "dkim=mail,", "dkim=ma il", "dkim=mail;", "dkim=a..b"}) {
    EXPECT_FALSE(parse_zone_target(std::string("example.org ") + text).ok()) << text;
  }
  std::string many = "example.org dkim=s0";
  for (int i = 1; i < 100; ++i)
    many += ",s" + std::to_string(i);
  EXPECT_TRUE(parse_zone_target(many).ok());
  EXPECT_THAT(complaint(parse_zone_target(many + ",s100").status()), HasSubstr("may have 100"));
}

TEST(LookalikesTarget, HasWhatIsTheHousesOwnAndWhatElseToTry) {
  const auto target = parse_lookalikes_target(
      "example.org words=login,wähler owned=Example.net,bücher.example suffixes=shop,co.uk,рф");
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_THAT(target->owned, ElementsAre("example.net", "xn--bcher-kva.example"));
  EXPECT_THAT(target->suffixes, ElementsAre("shop", "co.uk", "xn--p1ai"));
  EXPECT_THAT(target->words, ElementsAre("login", "wähler"));
  for (const char* const text : {"owned=example", "owned=", "suffixes=.org", "suffixes=", "words=",
                                 "words=a.b", "words=a b", "expires=2027-03-31"}) {
    EXPECT_FALSE(parse_lookalikes_target(std::string("example.org ") + text).ok()) << text;
  }
}

TEST(DomainTargets, HaveNamesOfTheirOwnSoThatAllThreeCanBeListed) {
  EXPECT_EQ(*usual_target_name("domain", "bücher.example expires=2027-03-31"),
            "xn--bcher-kva.example");
  EXPECT_EQ(*usual_target_name("zone", "example.org dkim=a"), "zone:example.org");
  EXPECT_EQ(*usual_target_name("lookalikes", "example.org"), "lookalikes:example.org");
  EXPECT_EQ(*usual_target_name("tls", "example.org:443/a.example"), "example.org:443");
  for (const char* const kind : {"domain", "zone", "lookalikes"}) {
    const auto dialled = dialled_address(kind, "www.example.org");
    ASSERT_TRUE(dialled.ok());
    EXPECT_EQ(dialled->host, "www.example.org");
    EXPECT_EQ(dialled->port, 0);
    EXPECT_FALSE(dialled_address(kind, "www.example.org:443").ok());
  }
  EXPECT_FALSE(dialled_address("tcp", "www.example.org").ok());
}

TEST(DomainTargets, OfAFileHaveTheTimesOfTheirKinds) {
  const auto targets = parse_target_file(
      "defaults: {interval: 5m, timeout: 5s}\n"
      "targets:\n"
      "  - {kind: domain, address: example.org}\n"
      "  - {kind: zone, address: example.org}\n"
      "  - {kind: lookalikes, address: example.org, timeout: 20s}\n",
      "domains.yml");
  ASSERT_TRUE(targets.ok()) << targets.status();
  ASSERT_EQ(targets->size(), 3U);
  // A registry has one interval only, whatever else is usual in the file.
  EXPECT_EQ((*targets)[0].name, "example.org");
  EXPECT_EQ((*targets)[0].interval, 24h);
  EXPECT_EQ((*targets)[0].timeout, 5s);
  EXPECT_EQ((*targets)[1].interval, 5min);
  EXPECT_EQ((*targets)[2].interval, 24h);
  EXPECT_EQ((*targets)[2].timeout, 20s);
  for (const Target& target : *targets)
    EXPECT_TRUE(check_target(target).ok());

  const auto bare = parse_target_file(
      "targets: [{kind: zone, address: example.org}, {kind: domain, address: example.org}, {kind: "
      "lookalikes, address: example.org}, {kind: tcp, address: 'a:1'}]\n",
      "domains.yml");
  ASSERT_TRUE(bare.ok()) << bare.status();
  EXPECT_EQ((*bare)[0].interval, 1h);
  EXPECT_EQ((*bare)[0].timeout, 30s);
  EXPECT_EQ((*bare)[1].timeout, 30s);
  EXPECT_EQ((*bare)[2].timeout, 1min);
  EXPECT_EQ((*bare)[3].interval, 1min);
  EXPECT_EQ((*bare)[3].timeout, 10s);
}

TEST(DomainTargets, AreAskedForOnceADay) {
  const auto targets = parse_target_file(
      "targets: [{kind: domain, address: example.org, interval: 1h}]\n", "domains.yml");
  EXPECT_THAT(complaint(targets.status()),
              HasSubstr("a registry is asked once a day: the interval of this kind is 1d, not 1h"));
  EXPECT_FALSE(check_target({.name = "a", .kind = "lookalikes", .address = "example.org"}).ok());
}

}  // namespace
}  // namespace muster
