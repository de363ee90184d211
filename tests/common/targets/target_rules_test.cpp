#include "common/targets/target_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace muster {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string said(const absl::Status& status) {
  return std::string(status.message());
}

TEST(TargetRules, TakeAddressesOfNamesAndOfBothKindsOfIp) {
  for (const char* text : {"www.example.org:443", "localhost:1", "a_b-c.example:65535",
                           "192.0.2.1:22", "[2001:db8::1]:443", "[::ffff:192.0.2.1]:443",
                           "xn--bcher-kva.example:443", "1password.example:443", "7zip:80"}) {
    const auto address = parse_target_address(text);
    EXPECT_TRUE(address.ok()) << address.status();
    if (address.ok()) {
      EXPECT_EQ(address->text(), text);
    }
  }
}

TEST(TargetRules, RefuseWhatIsNoAddressOrMayBeReadAsAnother) {
  for (const std::string& text : {std::string(),
                                  std::string("www.example.org"),
                                  std::string("www.example.org:0"),
                                  std::string("www.example.org:65536"),
                                  std::string("www.example.org:0443"),
                                  std::string("https://www.example.org:443"),
                                  std::string(".example.org:443"),
                                  std::string("www..example.org:443"),
                                  std::string("www.example.org.:443"),
                                  std::string("-a.example.org:443"),
                                  std::string("a-.example.org:443"),
                                  std::string("192.0.2:443"),
                                  std::string("192.0.2.256:443"),
                                  std::string("2130706433:80"),
                                  std::string("0x7f000001:80"),
                                  std::string("example.0x7F:80"),
                                  std::string("0127.0.0.1:80"),
                                  std::string("2001:db8::1:443"),
                                  std::string("[2001:db8::g]:443"),
                                  std::string("[fe80::1%eth0]:443"),
                                  std::string(64, 'a') + ".example.org:443",
                                  std::string("a\nb:443")}) {
    EXPECT_THAT(said(parse_target_address(text).status()), HasSubstr("is not the address of a"))
        << text;
  }
}

TEST(TargetRules, TakeNamesWithoutASlash) {
  for (const std::string& name : {std::string("shop"), std::string("[2001:db8::1]:443"),
                                  std::string("A_b.9-c:1"), std::string(253, 'n')}) {
    EXPECT_TRUE(check_target_name(name).ok()) << name;
  }
  for (const std::string& name : {std::string(), std::string("web1/postgresql"), std::string("a b"),
                                  std::string("a%b"), std::string("ä"), std::string(254, 'n')}) {
    EXPECT_THAT(said(check_target_name(name)), HasSubstr("cannot be the name of a target")) << name;
  }
}

TEST(TargetRules, BoundEverythingThatATargetHas) {
  const Target good = {.name = "shop",
                       .kind = "tcp",
                       .address = "shop.example.org:443",
                       .labels = {{"site", "fra"}},
                       .interval = 1s,
                       .timeout = 1s,
                       .place = ""};
  EXPECT_THAT(said(check_target(good)), IsEmpty());
  const struct {
    void (*change)(Target&);
    const char* said;
  } cases[] = {
      {[](Target& target) { target.kind = "tpc"; },
       "'tpc' is no kind of target (there are: tcp, tls, domain, zone, lookalikes)"},
      {[](Target& target) { target.address = "shop"; }, "'shop' is not the address"},
      {[](Target& target) { target.name = "a/b"; }, "'a/b' cannot be the name"},
      {[](Target& target) { target.labels["a-b"] = ""; }, "\"a-b\" is not a label name"},
      {[](Target& target) { target.interval = 999ms; },
       "the interval must be from 1s to 1d, not 999ms"},
      {[](Target& target) { target.interval = 24h + 1s; }, "the interval must be from 1s to 1d"},
      {[](Target& target) { target.timeout = 99ms; },
       "the timeout must be from 100ms to 1m, not 99ms"},
      {[](Target& target) {
         target.interval = 2min;
         target.timeout = 61s;
       },
       "the timeout must be from 100ms to 1m, not 1m1s"},
      {[](Target& target) { target.timeout = 2s; },
       "the timeout (2s) is longer than the interval (1s)"},
  };
  for (const auto& test : cases) {
    Target target = good;
    test.change(target);
    EXPECT_THAT(said(check_target(target)), HasSubstr(test.said));
  }
}

}  // namespace
}  // namespace muster
