#include "agent/probes/network/name_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "tests/agent/probes/network/dns_server.h"

namespace muster::network_probe {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::make_address;
using test::DnsServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

asio::awaitable<void> ask(NameResolver& resolver, std::string name, Duration until,
                          std::vector<Resolution>& answers, size_t awaited, asio::io_context& io) {
  answers.push_back(co_await resolver.resolve(std::move(name), until));
  if (answers.size() == awaited) io.stop();
}

class NameResolverTest : public testing::Test {
 protected:
  std::vector<Resolution> resolve(const std::vector<std::string>& names, NameResolver::Sources from,
                                  Duration time = 60s) {
    NameResolver resolver(io, std::move(from), clock);
    std::vector<Resolution> answers;
    for (const std::string& name : names) {
      asio::co_spawn(io, ask(resolver, name, clock.uptime() + time, answers, names.size(), io),
                     asio::detached);
    }
    io.restart();
    io.run();
    return answers;
  }
  Resolution resolve(const std::string& name, const std::string& resolv_conf = "") {
    return resolve({name}, dns.sources(resolv_conf)).front();
  }

  asio::io_context io{1};
  SystemClock clock;
  DnsServer dns{io};
};

TEST_F(NameResolverTest, FindsTheAddressesOfBothFamiliesInTurn) {
  dns.names["www.example.org"] = {.ipv4 = {"192.0.2.1", "192.0.2.2"}, .ipv6 = {"2001:db8::1"}};
  const Resolution found = resolve("WWW.Example.org.");
  EXPECT_THAT(found.addresses, ElementsAre(make_address("2001:db8::1"), make_address("192.0.2.1"),
                                           make_address("192.0.2.2")));
  EXPECT_EQ(found.failure, "");
}

TEST_F(NameResolverTest, ANameWithoutAnAddressAndNoNameAreNoFailure) {
  dns.names["mail.example.org"] = {};
  for (const char* name : {"mail.example.org", "nosuch.example.org"}) {
    const Resolution none = resolve(name);
    EXPECT_THAT(none.addresses, IsEmpty()) << name;
    EXPECT_EQ(none.failure, "") << name;
  }
}

TEST_F(NameResolverTest, AServerThatFailsIsAFailureThatNamesIt) {
  dns.names["www.example.org"] = {.code = 2};
  EXPECT_THAT(resolve("www.example.org").failure,
              HasSubstr("www.example.org could not be looked up at name server 127.0.0.1: "));
}

TEST_F(NameResolverTest, AFamilyThatNobodyKnowsOfIsNotNone) {
  // SERVFAIL for both, of which one is answered as none: the name may well have addresses.
  dns.names["www.example.org"] = {.code = 2};
  int answered = 0;
  dns.before_answer = [&](const std::string& name) {
    dns.names[name].code = ++answered == 1 ? 2 : 0;
  };
  EXPECT_THAT(resolve("www.example.org", "options attempts:1\n").addresses, IsEmpty());
}

TEST_F(NameResolverTest, ASilentServerCostsTheTimeOfWhoWaitsAndNoMore) {
  dns.names["www.example.org"] = {.silent = true};
  const auto answers = resolve({"www.example.org"}, dns.sources(), 20ms);
  EXPECT_THAT(answers.front().failure, HasSubstr("name server 127.0.0.1 did not answer in time"));
}

TEST_F(NameResolverTest, AServerThatIsSilentAboutIpv6StillGivesIpv4) {
  dns.names["www.example.org"] = {.ipv4 = {"192.0.2.1"}, .silent_about_ipv6 = true};
  const auto answers = resolve({"www.example.org"}, dns.sources(), 500ms);
  EXPECT_THAT(answers.front().addresses, ElementsAre(make_address("192.0.2.1")));
}

TEST_F(NameResolverTest, ANameIsAskedForOnceInARunHoweverManyWantIt) {
  dns.names["www.example.org"] = {.ipv4 = {"192.0.2.1"}};
  const auto answers = resolve(std::vector<std::string>(800, "www.example.org"), dns.sources());
  ASSERT_THAT(answers, SizeIs(800));
  for (const Resolution& answer : answers)
    EXPECT_THAT(answer.addresses, SizeIs(1));
  EXPECT_EQ(dns.asked["www.example.org"], 2);  // once for each family
}

TEST_F(NameResolverTest, AHundredAddressesAreAllThere) {
  test::DnsName name;
  for (int i = 0; i < 100; ++i)
    name.ipv4.push_back("192.0.2." + std::to_string(i));
  dns.names["www.example.org"] = name;
  EXPECT_THAT(resolve("www.example.org").addresses, SizeIs(100));
}

TEST_F(NameResolverTest, OnlyANameWithoutADotIsLookedForInTheSearchList) {
  dns.names["db1.corp.example.org"] = {.ipv4 = {"192.0.2.1"}};
  EXPECT_THAT(resolve("db1", "search example.org corp.example.org\n").addresses, SizeIs(1));
  // Else whoever owns the search list's zone has a name lead to them.
  dns.names["www.example.net.corp.example.org"] = {.ipv4 = {"192.0.2.66"}};
  EXPECT_THAT(resolve("www.example.net", "search corp.example.org\noptions ndots:5\n").addresses,
              IsEmpty());
  EXPECT_EQ(dns.asked.count("www.example.net.corp.example.org"), 0u);
}

TEST_F(NameResolverTest, TheHostsFileComesFirst) {
  dns.names["www.example.org"] = {.ipv4 = {"192.0.2.66"}};
  NameResolver::Sources sources = dns.sources();
  sources.hosts["www.example.org"] = {make_address("192.0.2.7")};
  EXPECT_THAT(resolve({"www.Example.org"}, sources).front().addresses,
              ElementsAre(make_address("192.0.2.7")));
  EXPECT_THAT(dns.asked, IsEmpty());
}

TEST_F(NameResolverTest, LocalhostIsAskedOfNobody) {
  dns.names["localhost"] = {.ipv4 = {"192.0.2.66"}};
  EXPECT_THAT(resolve("localhost").addresses,
              ElementsAre(make_address("::1"), make_address("127.0.0.1")));
  EXPECT_THAT(dns.asked, IsEmpty());
}

TEST_F(NameResolverTest, WithoutANameServerItSaysSo) {
  EXPECT_THAT(resolve({"www.example.org"}, NameResolver::Sources()).front().failure,
              HasSubstr("/etc/resolv.conf names no name server"));
}

TEST_F(NameResolverTest, AnAnswerAfterTheLastHasGivenUpHarmsNobody) {
  dns.names["slow.example.org"] = {.silent = true};
  dns.names["fast.example.org"] = {.ipv4 = {"192.0.2.1"}};
  {
    NameResolver resolver(io, dns.sources(), clock);
    std::vector<Resolution> answers;
    asio::co_spawn(io, ask(resolver, "slow.example.org", clock.uptime(), answers, 1, io),
                   asio::detached);
    io.run();
    EXPECT_THAT(answers.front().failure, HasSubstr("did not answer"));
  }
  io.restart();
  io.poll();
}

}  // namespace
}  // namespace muster::network_probe
