// Looks at domains: the name itself is neither looked up nor dialled; servers that know of it are,
// where the rules let.
#include <gmock/gmock.h>

#include "tests/agent/probes/network/look_world.h"

namespace muster::network_probe {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What the look below asks, and how its attempts ended. A look is a plain function.
Address server;
bool wanted = true;
std::vector<std::string> ends;

boost::asio::awaitable<std::optional<v1::Section>> ask_a_server(Look& look) {
  EXPECT_THAT(look.addresses(), IsEmpty());
  boost::asio::ip::tcp::socket socket(look.io());
  const Dial dial = co_await look.connect_to_server(
      socket, server, [](const boost::asio::ip::address&) { return wanted; }, 5s);
  ends.push_back(dial.end == Dial::End::kConnected ? "connected" : dial.why);
  v1::Section section;
  section.set_outcome(v1::OUTCOME_OBSERVED);
  co_return section;
}

class DomainLookTest : public test::LookWorld {
 protected:
  DomainLookTest() : registry(listen()) {
    kind = "domain";
    look_function = &ask_a_server;
    ends.clear();
    wanted = true;
    server = {.host = "127.0.0.1", .port = registry.port()};
  }

  void allow_domain(const std::string& name, const std::string& named_kind = "domain") {
    v1::AllowedTarget& entry = *rules.add_allow();
    entry.add_names(name);
    entry.add_kinds(named_kind);
  }
  void allow_servers(const std::string& network, uint16_t port = 0) {
    v1::AllowedTarget& entry = *rules.add_allow();
    entry.add_networks(network);
    entry.add_kinds("domain");
    if (port != 0) entry.add_ports(port);
  }

  test::Listener& registry;
};

TEST_F(DomainLookTest, IsMadeWhereItsKindIsNamedAndAsksNoNameServerForTheDomain) {
  allow_domain("example.org");
  allow_servers("127.0.0.0/8");
  EXPECT_EQ(run({look_at("example.org expires=2027-03-31")})[0].outcome(), v1::OUTCOME_OBSERVED);
  EXPECT_THAT(ends, ElementsAre("connected"));
  EXPECT_EQ(registry.accepted(), 1);
  EXPECT_THAT(dns.asked, IsEmpty());
}

TEST_F(DomainLookTest, IsNotMadeWhereItsKindIsNotNamed) {
  v1::AllowedTarget& entry = *rules.add_allow();
  entry.add_names("example.org");
  entry.add_ports(443);
  allow_domain("*.example.org");
  allow_domain("example.org", "zone");
  allow_servers("127.0.0.0/8");
  const auto sections = run({look_at("example.org")});
  ASSERT_THAT(sections, SizeIs(1));
  EXPECT_EQ(sections[0].outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(sections[0].reason(), HasSubstr("does not list example.org for domain"));
  EXPECT_EQ(registry.accepted(), 0);
}

TEST_F(DomainLookTest, DialsNoServerWhoseAddressIsNotEverybodysUnlessRootListsItForTheKind) {
  allow_domain("example.org");
  // For another kind, and for another port.
  allow("127.0.0.0/8", registry.port());
  allow_servers("127.0.0.0/8", static_cast<uint16_t>(registry.port() - 1));
  run({look_at("example.org")});
  EXPECT_THAT(
      ends, ElementsAre("127.0.0.1 leads to 127.0.0.1, which is not an address that may be asked"));
  EXPECT_EQ(registry.accepted(), 0);
  allow_servers("127.0.0.0/8", registry.port());
  run({look_at("example.org")});
  EXPECT_THAT(ends, ElementsAre(HasSubstr("may be asked"), "connected"));
}

TEST_F(DomainLookTest, DialsNoServerThatTheProbeItselfDoesNotWantThere) {
  allow_domain("example.org");
  allow_servers("127.0.0.0/8");
  wanted = false;
  run({look_at("example.org")});
  EXPECT_THAT(ends, ElementsAre(HasSubstr("may be asked")));
  EXPECT_EQ(registry.accepted(), 0);
}

TEST_F(DomainLookTest, AsksAServerByItsNameWhereThatLeadsToAddressesThatMayBeAsked) {
  allow_domain("example.org");
  allow_servers("127.0.0.1/32");
  dns.names["rdap.example.net"] = {.ipv4 = {"10.0.0.1", "127.0.0.1"}};
  server.host = "rdap.example.net";
  run({look_at("example.org")});
  EXPECT_THAT(ends, ElementsAre("connected"));
  dns.names["rdap.example.com"] = {.ipv4 = {"10.0.0.1"}};
  server.host = "rdap.example.com";
  run({look_at("example.org")});
  EXPECT_THAT(ends, ElementsAre("connected", HasSubstr("leads to 10.0.0.1, which is not")));
}

TEST_F(DomainLookTest, OfTheHostsOwnListNeedsNoEntry) {
  rules.add_own("example.org:0");
  allow_servers("127.0.0.0/8");
  run({look_at("example.org")});
  EXPECT_THAT(ends, ElementsAre("connected"));
  EXPECT_EQ(run({look_at("example.net")})[0].outcome(), v1::OUTCOME_FAILED);
}

TEST_F(DomainLookTest, ByHandLooksAnywhere) {
  rules.set_anywhere(true);
  run({look_at("bücher.example")});
  EXPECT_THAT(ends, ElementsAre("connected"));
}

}  // namespace
}  // namespace muster::network_probe
