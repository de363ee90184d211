// Where a look may dial besides its target: what a certificate or a setting names is held to the
// same rules.
#include <gmock/gmock.h>

#include "tests/agent/probes/network/look_world.h"

namespace muster::network_probe {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// What the look below is led to, and how its attempts ended. A look is a plain function.
Address led_to;
std::vector<std::string> ends;

std::string text_of(const Dial& dial) {
  switch (dial.end) {
    case Dial::End::kConnected:
      return "connected";
    case Dial::End::kRefused:
      return "refused";
    case Dial::End::kTimedOut:
      return "timed out";
    case Dial::End::kLeaseEnded:
      return "lease ended";
    default:
      return dial.why;
  }
}

boost::asio::awaitable<std::optional<v1::Section>> led_elsewhere(Look& look) {
  boost::asio::ip::tcp::socket socket(look.io());
  const Dial dial = co_await look.connect_to(socket, led_to, 5s);
  ends.push_back(text_of(dial));
  v1::Section section;
  section.set_outcome(v1::OUTCOME_OBSERVED);
  co_return section;
}

class ConnectToTest : public test::LookWorld {
 protected:
  ConnectToTest() : target(listen()), other(listen()) {
    ends.clear();
    look_function = &led_elsewhere;
    allow("127.0.0.1", target.port());
  }

  // One look that is led to the host, on the other listener's port.
  std::vector<v1::Section> lead_to(const std::string& host) {
    led_to = {.host = host, .port = other.port()};
    return run({look_at(Address{.host = "127.0.0.1", .port = target.port()}.text())});
  }

  test::Listener& target;
  test::Listener& other;
};

TEST_F(ConnectToTest, APlaceThatIsNotAllowedIsNeitherLookedUpNorDialled) {
  dns.names["ocsp.example.org"] = {.ipv4 = {"127.0.0.1"}};
  lead_to("ocsp.example.org");
  lead_to("127.0.0.1");
  const std::string port = std::to_string(other.port());
  EXPECT_THAT(ends, ElementsAre("ocsp.example.org:" + port + " is not in targets.allow",
                                "127.0.0.1:" + port + " is not in targets.allow"));
  EXPECT_THAT(dns.asked, IsEmpty());
  EXPECT_EQ(other.accepted(), 0);
}

// By whoever writes the name's addresses: a certificate's issuer can.
TEST_F(ConnectToTest, AnAllowedNameThatLeadsWhereItMayNotIsNotDialled) {
  allow_name("ocsp.example.org", other.port());
  dns.names["ocsp.example.org"] = {.ipv4 = {"127.0.0.1"}, .ipv6 = {"::1"}};
  lead_to("ocsp.example.org");
  EXPECT_THAT(ends, ElementsAre("ocsp.example.org leads to ::1, which is not in targets.allow for "
                                "port " +
                                std::to_string(other.port())));
  EXPECT_EQ(other.accepted(), 0);
}

TEST_F(ConnectToTest, OfANamesAddressesThoseThatAreAllowedAreDialledUntilOneConnects) {
  allow_name("ocsp.example.org", other.port());
  allow("127.0.0.0/30", other.port());
  dns.names["ocsp.example.org"] = {.ipv4 = {"127.0.0.9", "127.0.0.2", "127.0.0.1"}};
  lead_to("ocsp.example.org");
  EXPECT_THAT(ends, ElementsAre("connected"));
  EXPECT_EQ(other.accepted(), 1);
  EXPECT_EQ(target.accepted(), 0);
}

TEST_F(ConnectToTest, ANameOfTheHostsFileIsFoundThoughNoTargetHasIt) {
  allow_name("ocsp", other.port());
  allow("127.0.0.1", other.port());
  hosts_text = "127.0.0.1 ocsp.corp.example ocsp # the responder\n";
  lead_to("OCSP");
  EXPECT_THAT(ends, ElementsAre("connected"));
  EXPECT_THAT(dns.asked, IsEmpty());
}

TEST_F(ConnectToTest, HowItWasNotReachedIsTold) {
  allow_name("*.example.org", other.port());
  allow("127.0.0.2", other.port());
  lead_to("gone.example.org");
  dns.names["broken.example.org"] = {.code = 2};
  lead_to("broken.example.org");
  lead_to("127.0.0.2");
  EXPECT_THAT(ends, ElementsAre("there is no gone.example.org",
                                "broken.example.org could not be looked up at name server "
                                "127.0.0.1: Could not contact DNS servers",
                                "refused"));
}

TEST_F(ConnectToTest, NothingIsDialledWhereTheLeaseEndsWhileItsNameIsLookedUp) {
  allow_name("ocsp.example.org", other.port());
  allow("127.0.0.1", other.port());
  dns.names["ocsp.example.org"] = {.ipv4 = {"127.0.0.1"}};
  dns.before_answer = [this](const std::string&) { clock.jump(); };
  led_to = {.host = "ocsp.example.org", .port = other.port()};
  const auto sections =
      run({look_at(Address{.host = "127.0.0.1", .port = target.port()}.text(), 1h)});
  EXPECT_THAT(ends, ElementsAre("lease ended"));
  EXPECT_THAT(sections, IsEmpty());
  EXPECT_EQ(other.accepted(), 0);
}

}  // namespace
}  // namespace muster::network_probe
