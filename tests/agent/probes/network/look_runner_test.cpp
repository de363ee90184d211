#include "agent/probes/network/look_runner.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <new>

#include "tests/agent/probes/network/look_world.h"

namespace muster::network_probe {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LookRunnerTest : public test::LookWorld {};

std::string at(const std::string& host, const test::Listener& listener) {
  return Address{.host = host, .port = listener.port()}.text();
}

TEST_F(LookRunnerTest, ASectionTellsOfWhomByWhomAndWhen) {
  test::Listener& listener = listen();
  allow("127.0.0.1", listener.port());
  RequestedLook look = look_at(at("127.0.0.1", listener));
  look.entity = "shop";
  const auto sections = run({look});
  ASSERT_THAT(sections, SizeIs(1));
  EXPECT_EQ(sections[0].entity(), "shop");
  EXPECT_EQ(sections[0].probe(), "tcp");
  EXPECT_EQ(sections[0].observed_at().seconds(), 24 * 60 * 60);
}

TEST_F(LookRunnerTest, WhatIsNotAllowedIsNotDialledAndFailsByItself) {
  test::Listener& open = listen();
  test::Listener& shut = listen();
  allow("127.0.0.1", open.port());
  const auto sections =
      run({look_at(at("127.0.0.1", shut)), look_at(at("127.0.0.1", open)),
           look_at(at("metadata.example.org", open)), look_at("no address at all")});
  ASSERT_THAT(sections, SizeIs(4));
  EXPECT_EQ(shut.accepted(), 0);
  EXPECT_EQ(open.accepted(), 1);
  EXPECT_THAT(dns.asked, IsEmpty());
  int failed = 0;
  for (const v1::Section& section : sections) {
    if (section.outcome() != v1::OUTCOME_FAILED) continue;
    ++failed;
    EXPECT_TRUE(section.reason().find("targets.allow of this agent does not list") == 0 ||
                section.reason().find("is not an address") != std::string::npos)
        << section.reason();
  }
  EXPECT_EQ(failed, 3);
}

// Every address that only this host can reach, as a name server says it.
TEST_F(LookRunnerTest, ANameThatLeadsWhereItMayNotIsNotDialled) {
  test::Listener& ipv4 = listen("0.0.0.0");
  allow_name("www.example.org", ipv4.port());
  for (const char* address : {"127.0.0.1", "127.8.8.8", "0.0.0.0", "169.254.169.254", "10.0.0.1"}) {
    dns.names["www.example.org"] = {.ipv4 = {address}};
    const auto sections = run({look_at(at("www.example.org", ipv4))});
    ASSERT_THAT(sections, SizeIs(1)) << address;
    EXPECT_EQ(sections[0].outcome(), v1::OUTCOME_FAILED) << address;
    EXPECT_THAT(sections[0].reason(),
                HasSubstr("www.example.org leads to " + std::string(address) +
                          ", which targets.allow of this agent does not list"));
  }
  for (const char* address : {"::1", "::ffff:127.0.0.1", "fe80::1", "fd00:ec2::254"}) {
    dns.names["www.example.org"] = {.ipv6 = {address}};
    const auto sections = run({look_at(at("www.example.org", ipv4))});
    ASSERT_THAT(sections, SizeIs(1)) << address;
    EXPECT_THAT(sections[0].reason(), HasSubstr("which targets.allow")) << address;
  }
  EXPECT_EQ(ipv4.accepted(), 0);
}

TEST_F(LookRunnerTest, ANameThatIsReboundAfterItsFirstLookIsNotDialledAgain) {
  test::Listener& allowed = listen("127.0.0.2");
  test::Listener& own = listen("127.0.0.1", allowed.port());
  allow_name("www.example.org", allowed.port());
  allow("127.0.0.2", allowed.port());
  dns.names["www.example.org"] = {.ipv4 = {"127.0.0.2"}};
  EXPECT_EQ(facts_of(run({look_at(at("www.example.org", allowed))}).at(0)).answer(),
            v1::TCP_ANSWER_CONNECTED);
  dns.names["www.example.org"] = {.ipv4 = {"127.0.0.1"}};
  EXPECT_EQ(run({look_at(at("www.example.org", allowed))}).at(0).outcome(), v1::OUTCOME_FAILED);
  EXPECT_EQ(allowed.accepted(), 1);
  EXPECT_EQ(own.accepted(), 0);
}

// The second answer of one run is not asked for: what was checked is what is dialled.
TEST_F(LookRunnerTest, ANameThatIsReboundWithinARunIsDialledWhereItWasChecked) {
  test::Listener& allowed = listen("127.0.0.2");
  test::Listener& own = listen("127.0.0.1", allowed.port());
  allow_name("www.example.org", allowed.port());
  allow("127.0.0.2", allowed.port());
  dns.names["www.example.org"] = {.ipv4 = {"127.0.0.2"}};
  int answers = 0;
  dns.before_answer = [&](const std::string& name) {
    if (++answers > 2) dns.names[name].ipv4 = {"127.0.0.1"};
  };
  const std::string to = at("www.example.org", allowed);
  for (const v1::Section& section : run({look_at(to), look_at(to), look_at(to)}))
    EXPECT_EQ(facts_of(section).answer(), v1::TCP_ANSWER_CONNECTED);
  EXPECT_EQ(allowed.accepted(), 3);
  EXPECT_EQ(own.accepted(), 0);
}

TEST_F(LookRunnerTest, OfAHundredAddressesNoneThatIsNotAllowedIsDialled) {
  test::Listener& own = listen("127.0.0.1");
  allow_name("www.example.org", own.port());
  test::DnsName name;
  for (int i = 0; i < 100; ++i)
    name.ipv4.push_back("127.0.0." + std::to_string(1 + i % 2));
  dns.names["www.example.org"] = name;
  EXPECT_EQ(run({look_at(at("www.example.org", own))}).at(0).outcome(), v1::OUTCOME_FAILED);
  EXPECT_EQ(own.accepted(), 0);
}

TEST_F(LookRunnerTest, HowANameWasNotFoundIsToldApart) {
  allow_name("*.example.org", 443);
  dns.names["servfail.example.org"] = {.code = 2};
  const auto none = run({look_at("nosuch.example.org:443")});
  EXPECT_EQ(facts_of(none.at(0)).answer(), v1::TCP_ANSWER_NO_SUCH_NAME);
  const auto failed = run({look_at("servfail.example.org:443")}, "options attempts:1\n");
  EXPECT_EQ(failed.at(0).outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(failed.at(0).reason(), HasSubstr("servfail.example.org could not be looked up"));
  dns.names["silent.example.org"] = {.silent = true};
  RequestedLook impatient = look_at("silent.example.org:443");
  impatient.timeout = 20ms;
  EXPECT_THAT(run({impatient}).at(0).reason(), HasSubstr("did not answer in time"));
  no_name_server = true;
  EXPECT_THAT(run({look_at("www.example.org:443")}).at(0).reason(),
              HasSubstr("/etc/resolv.conf names no name server"));
}

TEST_F(LookRunnerTest, ALookWhoseLeaseIsOverIsNotMadeAndSaysNothing) {
  test::Listener& listener = listen();
  allow("127.0.0.1", listener.port());
  EXPECT_THAT(run({look_at(at("127.0.0.1", listener), -1s)}), IsEmpty());
  EXPECT_EQ(listener.accepted(), 0);
}

TEST_F(LookRunnerTest, APauseWhileTheNameIsLookedUpEndsTheLook) {
  test::Listener& listener = listen();
  allow_name("www.example.org", listener.port());
  allow("127.0.0.1", listener.port());
  dns.names["www.example.org"] = {.ipv4 = {"127.0.0.1"}};
  dns.before_answer = [this](const std::string&) { clock.jump(); };
  EXPECT_THAT(run({look_at(at("www.example.org", listener), 1h)}), IsEmpty());
  EXPECT_EQ(listener.accepted(), 0);
}

TEST_F(LookRunnerTest, APauseWhileALookWaitsForItsTurnEndsIt) {
  test::Listener& listener = listen();
  allow("127.0.0.1", listener.port());
  pace.at_once = 1;
  listener.on_accept = [this] { clock.jump(); };
  const std::string to = at("127.0.0.1", listener);
  // The first may have been answered before the pause or after it.
  EXPECT_LE(run({look_at(to, 1h), look_at(to, 1h), look_at(to, 1h)}).size(), 1u);
  EXPECT_LE(listener.accepted(), 2);
}

// A process that is paused (SIGSTOP) past its lease, wherever in a look that is: it may have
// dialled before, and does not after.
TEST_F(LookRunnerTest, APauseAtAnyMomentIsFollowedByNoDial) {
  test::Listener& listener = listen();
  allow("127.0.0.1", listener.port());
  int before = 0;
  bool dials = false;
  for (int moment = 1; moment <= 30; ++moment) {
    const RequestedLook look = look_at(at("127.0.0.1", listener), 1h);
    clock.jump_when_asked(moment);
    const auto sections = run({look});
    const bool dialled = listener.accepted() > before;
    before = listener.accepted();
    // What comes after the last time that the clock is asked before a dial is the dial.
    EXPECT_TRUE(dialled || !dials) << moment;
    dials = dialled;
    EXPECT_TRUE(dialled || sections.empty()) << moment;
  }
  EXPECT_TRUE(dials);
  EXPECT_GT(before, 0);
  EXPECT_LT(before, 30);
}

TEST_F(LookRunnerTest, WhatIsUnderWayAtTheLeasesEndIsGivenUp) {
  // Nobody answers there: the queue of who is not accepted is full.
  boost::asio::ip::tcp::acceptor full(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  full.listen(0);
  std::list<boost::asio::ip::tcp::socket> filling;
  for (int i = 0; i < 4; ++i) {
    filling.emplace_back(io);
    filling.back().async_connect(full.local_endpoint(), [](const boost::system::error_code&) {});
  }
  io.poll();
  allow("127.0.0.1", full.local_endpoint().port());
  const std::string to = Address{.host = "127.0.0.1", .port = full.local_endpoint().port()}.text();
  EXPECT_THAT(run({look_at(to, 50ms)}), IsEmpty());
  RequestedLook patient = look_at(to);
  patient.timeout = 50ms;
  const v1::TcpFacts facts = facts_of(run({patient}).at(0));
  EXPECT_EQ(facts.answer(), v1::TCP_ANSWER_TIMED_OUT);
  EXPECT_THAT(facts.attempts(), ElementsAre(to + " timed out"));
}

boost::asio::awaitable<std::optional<v1::Section>> run_out_of_memory(Look&) {
  throw std::bad_alloc();
  co_return std::nullopt;
}

TEST_F(LookRunnerTest, MemoryThatRunsOutEndsTheRunRatherThanOneLookInSilence) {
  allow("127.0.0.1", 1);
  look_function = &run_out_of_memory;
  EXPECT_THROW(run({look_at("127.0.0.1:1")}), std::bad_alloc);
}

TEST_F(LookRunnerTest, ALookBeginsAtItsStart) {
  test::Listener& listener = listen();
  allow("127.0.0.1", listener.port());
  RequestedLook later = look_at(at("127.0.0.1", listener));
  later.entity = "later";
  later.start = clock.uptime() + 60ms;
  RequestedLook now = later;
  now.entity = "now";
  now.start = Duration(0);
  const auto sections = run({later, now});
  ASSERT_THAT(sections, SizeIs(2));
  EXPECT_EQ(sections[0].entity(), "now");
  EXPECT_GE(clock.uptime(), later.start);
}

// Looks of the two tests below: how many there are at once.
struct Crowd {
  size_t under_way = 0;
  size_t most = 0;
  size_t all = 0;
};
Crowd crowd;

boost::asio::awaitable<std::optional<v1::Section>> end_soon(Look& look) {
  crowd.most = std::max(crowd.most, ++crowd.under_way);
  co_await boost::asio::post(look.io(), boost::asio::use_awaitable);
  --crowd.under_way;
  co_return v1::Section();
}

boost::asio::awaitable<std::optional<v1::Section>> end_when_all_are_there(Look& look) {
  ++crowd.under_way;
  while (crowd.under_way < crowd.all) {
    boost::asio::steady_timer timer(look.io(), 1ms);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
  co_return v1::Section();
}

TEST_F(LookRunnerTest, OfThoseThatAreDueTogetherAFewAreBegunAndTheNextWhenOneHasEnded) {
  test::Listener& listener = listen();
  allow("127.0.0.1", listener.port());
  crowd = {};
  look_function = &end_soon;
  const std::vector<RequestedLook> looks(5 * LookRunner::kBegunTogether,
                                         look_at(at("127.0.0.1", listener)));
  EXPECT_THAT(run(looks), SizeIs(looks.size()));
  EXPECT_LE(crowd.most, 2 * LookRunner::kBegunTogether);
}

TEST_F(LookRunnerTest, SlowOnesKeepNoneFromBeginning) {
  test::Listener& listener = listen();
  allow("127.0.0.1", listener.port());
  const std::vector<RequestedLook> looks(3 * LookRunner::kBegunTogether + 1,
                                         look_at(at("127.0.0.1", listener)));
  crowd = {.all = looks.size()};
  look_function = &end_when_all_are_there;
  EXPECT_THAT(run(looks), SizeIs(looks.size()));
}

TEST_F(LookRunnerTest, LooksThatTheRatesDelayTooLongFailAndSayWhatToRaise) {
  test::Listener& listener = listen();
  allow("127.0.0.1", listener.port());
  pace.per_second = 1;
  pace.longest_delay = 20ms;
  RequestedLook look = look_at(at("127.0.0.1", listener));
  look.start = clock.uptime();
  const auto sections = run({look, look});
  ASSERT_THAT(sections, SizeIs(2));
  EXPECT_EQ(sections[0].outcome(), v1::OUTCOME_OBSERVED);
  EXPECT_THAT(sections[1].reason(), HasSubstr("looks_per_second"));
  EXPECT_EQ(listener.accepted(), 1);
}

}  // namespace
}  // namespace muster::network_probe
