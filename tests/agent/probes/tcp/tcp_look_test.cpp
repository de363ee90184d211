#include "agent/probes/tcp/tcp_look.h"

#include <gmock/gmock.h>

#include "tests/agent/probes/network/look_world.h"

namespace muster {
namespace {

using namespace std::chrono_literals;
using network_probe::RequestedLook;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class TcpLookTest : public network_probe::test::LookWorld {
 protected:
  // A port of 127.0.0.0/8 that nobody listens on.
  uint16_t closed_port() {
    boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
    return acceptor.local_endpoint().port();
  }
  static std::string at(const std::string& host, uint16_t port) {
    return Address{.host = host, .port = port}.text();
  }
};

TEST_F(TcpLookTest, AListenerAnswersAndHowFastIsMeasured) {
  const uint16_t port = listen().port();
  allow("127.0.0.1", port);
  const auto sections = run({look_at(at("127.0.0.1", port))});
  ASSERT_THAT(sections, SizeIs(1));
  const v1::TcpFacts facts = facts_of(sections[0]);
  EXPECT_EQ(facts.address(), at("127.0.0.1", port));
  EXPECT_EQ(facts.answer(), v1::TCP_ANSWER_CONNECTED);
  EXPECT_THAT(facts.attempts(), IsEmpty());
  ASSERT_THAT(sections[0].measurements(), SizeIs(1));
  EXPECT_EQ(sections[0].measurements(0).name(), "connect_duration_seconds");
  EXPECT_GT(sections[0].measurements(0).value(), 0);
  EXPECT_EQ(sections[0].measurements(0).subject(), "");
}

TEST_F(TcpLookTest, AnIpv6ListenerAnswers) {
  const uint16_t port = listen("::1").port();
  allow("::1", port);
  EXPECT_EQ(facts_of(run({look_at(at("::1", port))}).at(0)).answer(), v1::TCP_ANSWER_CONNECTED);
}

TEST_F(TcpLookTest, AClosedPortRefusesAndNothingIsMeasured) {
  const uint16_t port = closed_port();
  allow("127.0.0.1", port);
  const auto sections = run({look_at(at("127.0.0.1", port))});
  ASSERT_THAT(sections, SizeIs(1));
  EXPECT_EQ(facts_of(sections[0]).answer(), v1::TCP_ANSWER_REFUSED);
  EXPECT_THAT(facts_of(sections[0]).attempts(), ElementsAre(at("127.0.0.1", port) + " refused"));
  EXPECT_THAT(sections[0].measurements(), IsEmpty());
}

// The kernel finds no way to a broadcast address of its own loopback network.
TEST_F(TcpLookTest, WhereNoWayLeadsIsUnreachable) {
  allow("127.255.255.255", 7);
  const v1::TcpFacts facts = facts_of(run({look_at("127.255.255.255:7")}).at(0));
  EXPECT_EQ(facts.answer(), v1::TCP_ANSWER_UNREACHABLE);
  EXPECT_THAT(facts.attempts(), ElementsAre("127.255.255.255:7 unreachable"));
}

TEST_F(TcpLookTest, TheFirstOfANamesAddressesThatConnectsEndsTheLook) {
  const uint16_t port = listen("127.0.0.3").port();
  const network_probe::test::Listener& last = listen("127.0.0.4", port);
  allow_name("www.example.org", port);
  allow("127.0.0.0/8", port);
  dns.names["www.example.org"] = {.ipv4 = {"127.0.0.2", "127.0.0.3", "127.0.0.4"}};
  const v1::TcpFacts facts = facts_of(run({look_at(at("www.example.org", port))}).at(0));
  EXPECT_EQ(facts.answer(), v1::TCP_ANSWER_CONNECTED);
  // What was tried before is no part of it: it would make a new version at every look.
  EXPECT_THAT(facts.attempts(), IsEmpty());
  EXPECT_EQ(last.accepted(), 0);
}

TEST_F(TcpLookTest, TheBestThatItsAddressesGaveIsTheAnswerAndAllAreTold) {
  const uint16_t port = closed_port();
  allow_name("www.example.org", port);
  allow("127.0.0.0/8", port);
  dns.names["www.example.org"] = {.ipv4 = {"127.255.255.255", "127.0.0.9", "127.0.0.2"}};
  const v1::TcpFacts facts = facts_of(run({look_at(at("www.example.org", port))}).at(0));
  EXPECT_EQ(facts.answer(), v1::TCP_ANSWER_REFUSED);
  EXPECT_THAT(facts.attempts(),
              ElementsAre(at("127.0.0.2", port) + " refused", at("127.0.0.9", port) + " refused",
                          at("127.255.255.255", port) + " unreachable"));
}

TEST_F(TcpLookTest, AddressesThatAreNotAllowedAreLeftOutAndToldWhereNothingConnects) {
  const uint16_t port = closed_port();
  allow_name("www.example.org", port);
  allow("127.0.0.2", port);
  dns.names["www.example.org"] = {.ipv4 = {"127.0.0.1", "127.0.0.2"}};
  const v1::TcpFacts facts = facts_of(run({look_at(at("www.example.org", port))}).at(0));
  EXPECT_THAT(facts.attempts(), ElementsAre(at("127.0.0.1", port) + " not in targets.allow",
                                            at("127.0.0.2", port) + " refused"));
}

TEST_F(TcpLookTest, AtMostSixteenAddressesAreTried) {
  const uint16_t port = closed_port();
  allow_name("www.example.org", port);
  allow("127.0.0.0/8", port);
  network_probe::test::DnsName name;
  for (int i = 1; i <= 100; ++i)
    name.ipv4.push_back("127.0.0." + std::to_string(i));
  dns.names["www.example.org"] = name;
  EXPECT_THAT(facts_of(run({look_at(at("www.example.org", port))}).at(0)).attempts(), SizeIs(16));
}

TEST_F(TcpLookTest, EightHundredTargetsAtOneAddressAreAllLookedAt) {
  network_probe::test::Listener& listener = listen();
  allow("127.0.0.1", listener.port());
  pace.at_once = 50;
  const std::vector<RequestedLook> looks(800, look_at(at("127.0.0.1", listener.port())));
  EXPECT_THAT(run(looks), SizeIs(800));
  EXPECT_EQ(listener.accepted(), 800);
}

}  // namespace
}  // namespace muster
