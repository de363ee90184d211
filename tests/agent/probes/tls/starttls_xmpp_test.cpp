// XMPP, of clients and between servers.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "agent/probes/tls/starttls.h"
#include "common/targets/tls_endpoint.h"
#include "tests/agent/probes/tls/starttls_case.h"

namespace muster::tls {
namespace {

using test::Case;
using test::expect;
using test::Step;
using testing::HasSubstr;

TEST(StartTls, OfXmppIsAskedForWhereTheFeaturesHaveIt) {
  const std::string stream =
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='>1' from='localhost' "
      "version='1.0' xmlns:stream='http://etherx.jabber.org/streams'>";
  const std::string offers =
      "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
      "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
      "</mechanisms></stream:features>";
  const std::string proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'";
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_XMPP, {stream + offers, proceed + "/>"}, Step::kBeginTls},
           {v1::START_TLS_XMPP_SERVER, {stream + offers, proceed + "/>"}, Step::kBeginTls},
           {v1::START_TLS_XMPP, {stream, "\n" + offers, proceed + "></proceed>"}, Step::kBeginTls},
           {v1::START_TLS_XMPP,
            {stream + offers, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"},
            Step::kNoStartTls,
            "",
            "failure"},
           {v1::START_TLS_XMPP,
            {stream + "<stream:features><sasl/></stream:features>"},
            Step::kNoStartTls,
            "",
            "its features do not have starttls"},
           {v1::START_TLS_XMPP, {stream + "<stream:features/>"}, Step::kNoStartTls},
           {v1::START_TLS_XMPP,
            {stream + "<stream:error><host-unknown xmlns='urn:x'/></stream:error>"},
            Step::kNoStartTls,
            "",
            "host-unknown"},
           {v1::START_TLS_XMPP, {stream + "</stream:stream>"}, Step::kNoStartTls},
           {v1::START_TLS_XMPP, {"<!DOCTYPE html>"}, Step::kNotTheProtocol},
           {v1::START_TLS_XMPP, {"<html>"}, Step::kNotTheProtocol},
           {v1::START_TLS_XMPP, {"HTTP/1.1 400 Bad Request\r\n"}, Step::kNotTheProtocol},
           {v1::START_TLS_XMPP, {stream + offers, proceed + "><x/>"}, Step::kNotTheProtocol},
           {v1::START_TLS_XMPP, {stream + offers, "<presence/>"}, Step::kNotTheProtocol},
       })
    expect(test);
}

TEST(StartTls, OfXmppNamesTheServerAndLetsNoNameSayMore) {
  const auto opening = [](std::string_view name) {
    return StartTlsDialog::make(v1::START_TLS_XMPP, name)->opening();
  };
  EXPECT_THAT(opening("chat.example.org"),
              HasSubstr("<stream:stream to='chat.example.org' xmlns="));
  EXPECT_THAT(opening(""), HasSubstr("<stream:stream xmlns="));
  EXPECT_THAT(opening("a'/><b>&\r\n"), HasSubstr("<stream:stream to='a/b' xmlns="));
}

// A server closes a stream of clients at the port for servers.
TEST(StartTls, OfXmppSaysWhetherAClientOrAServerConnects) {
  const auto opening = [](v1::StartTls protocol) {
    return StartTlsDialog::make(protocol, "chat.example.org")->opening();
  };
  EXPECT_THAT(opening(v1::START_TLS_XMPP), HasSubstr(" xmlns='jabber:client' "));
  EXPECT_THAT(opening(v1::START_TLS_XMPP_SERVER), HasSubstr(" xmlns='jabber:server' "));
  EXPECT_EQ(starttls_of_port(5222), v1::START_TLS_XMPP);
  EXPECT_EQ(starttls_of_port(5269), v1::START_TLS_XMPP_SERVER);
  v1::StartTls parsed{};
  EXPECT_TRUE(parse_starttls("xmpp-server", parsed));
  EXPECT_EQ(parsed, v1::START_TLS_XMPP_SERVER);
}

}  // namespace
}  // namespace muster::tls
