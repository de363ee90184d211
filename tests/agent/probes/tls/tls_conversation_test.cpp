#include "agent/probes/tls/tls_conversation.h"

#include <gmock/gmock.h>

#include "tests/agent/probes/tls/conversation_world.h"
#include "tests/agent/probes/tls/tls_server.h"

namespace muster::tls {
namespace {

using test::make_served;
using test::ServedCertificate;
using test::ServerSpec;
using test::TlsServer;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class TlsConversationTest : public test::ConversationWorld {
 protected:
  const ServedCertificate served_ = make_served({"DNS:www.example.org"});
};

TEST_F(TlsConversationTest, TellsTheChainAsItWasServedAndTheServersChoice) {
  TlsServer server(io, served_);
  const TlsConversation told = ask(server.endpoint(), {.server_name = "www.example.org"});
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_COMPLETED);
  EXPECT_EQ(told.detail, "");
  EXPECT_EQ(told.version, "TLSv1.3");
  EXPECT_THAT(told.cipher, StartsWith("TLS_"));
  EXPECT_EQ(told.chain, served_.chain);
  EXPECT_EQ(told.certificates_omitted, 0);
  EXPECT_EQ(told.staple, "");
  EXPECT_GT(told.handshake, Duration(0));
  EXPECT_TRUE(told.began);
  EXPECT_THAT(server.server_names(), ElementsAre("www.example.org"));
  EXPECT_EQ(server.completed(), 1);
}

TEST_F(TlsConversationTest, EveryVersionIsSpoken) {
  const struct {
    int number;
    const char* name;
  } versions[] = {{TLS1_VERSION, "TLSv1"},
                  {TLS1_1_VERSION, "TLSv1.1"},
                  {TLS1_2_VERSION, "TLSv1.2"},
                  {TLS1_3_VERSION, "TLSv1.3"}};
  for (const auto& [number, name] : versions) {
    TlsServer server(io, served_, {.lowest = number, .highest = number});
    const TlsConversation told = ask(server.endpoint());
    EXPECT_EQ(told.answer, v1::TLS_ANSWER_COMPLETED) << name << ": " << told.detail;
    EXPECT_EQ(told.version, name);
    EXPECT_EQ(told.chain, served_.chain) << name;
    EXPECT_EQ(server.completed(), 1) << name;
  }
}

TEST_F(TlsConversationTest, AQuestionForTheVersionEndsOnceItIsKnown) {
  TlsServer server(io, served_);
  const struct {
    TlsVersion highest;
    const char* name;
  } versions[] = {{TlsVersion::kTls10, "TLSv1"},
                  {TlsVersion::kTls11, "TLSv1.1"},
                  {TlsVersion::kTls12, "TLSv1.2"},
                  {TlsVersion::kTls13, "TLSv1.3"}};
  for (const auto& [highest, name] : versions) {
    const TlsConversation told = ask(server.endpoint(), {.highest = highest, .version_only = true});
    EXPECT_EQ(told.answer, v1::TLS_ANSWER_COMPLETED) << name << ": " << told.detail;
    EXPECT_EQ(told.version, name);
    EXPECT_THAT(told.chain, IsEmpty());
  }
  EXPECT_EQ(server.accepted(), 4);
  EXPECT_EQ(server.completed(), 0);
}

TEST_F(TlsConversationTest, AVersionThatIsRefusedIsAnAlertWithItsName) {
  TlsServer server(io, served_, {.lowest = TLS1_2_VERSION});
  const TlsConversation told =
      ask(server.endpoint(), {.highest = TlsVersion::kTls11, .version_only = true});
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_ALERT);
  EXPECT_EQ(told.detail, "protocol version");
  EXPECT_EQ(told.version, "");
}

TEST_F(TlsConversationTest, EachNameHasItsOwnChain) {
  const ServedCertificate shop = make_served({"DNS:shop.example.org"});
  TlsServer server(io, served_);
  server.serve("shop.example.org", shop);
  EXPECT_EQ(ask(server.endpoint(), {.server_name = "shop.example.org"}).chain, shop.chain);
  EXPECT_EQ(ask(server.endpoint(), {.server_name = "www.example.org"}).chain, served_.chain);
  EXPECT_EQ(ask(server.endpoint()).chain, served_.chain);
  EXPECT_THAT(server.server_names(), ElementsAre("shop.example.org", "www.example.org", ""));
}

TEST_F(TlsConversationTest, AStapleIsGivenAsItCame) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsServer server(io, served_, {.highest = version, .staple = std::string("any\0thing", 9)});
    EXPECT_EQ(ask(server.endpoint()).staple, std::string("any\0thing", 9));
  }
}

TEST_F(TlsConversationTest, AServerThatRequiresACertificateOfOursStillShowsItsOwn) {
  for (const int version : {TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsServer server(io, served_, {.highest = version, .client = ServerSpec::Client::kRequired});
    const TlsConversation told = ask(server.endpoint());
    EXPECT_EQ(told.answer, v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED) << version;
    EXPECT_NE(told.detail, "");
    EXPECT_EQ(told.chain, served_.chain);
    EXPECT_NE(told.version, "");
    EXPECT_EQ(server.completed(), 0);
  }
}

TEST_F(TlsConversationTest, AServerThatOnlyAsksForACertificateCompletes) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsServer server(io, served_, {.highest = version, .client = ServerSpec::Client::kOptional});
    EXPECT_EQ(ask(server.endpoint()).answer, v1::TLS_ANSWER_COMPLETED) << version;
    EXPECT_EQ(server.completed(), 1);
  }
}

TEST_F(TlsConversationTest, OfAChainSixteenAreKeptAndTheOthersCounted) {
  ServedCertificate long_chain = make_served({"DNS:www.example.org"});
  for (int i = 0; i < 20; ++i)
    long_chain.chain.push_back(long_chain.chain[1]);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsServer server(io, long_chain, {.highest = version});
    const TlsConversation told = ask(server.endpoint());
    EXPECT_EQ(told.answer, v1::TLS_ANSWER_COMPLETED);
    EXPECT_THAT(told.chain, SizeIs(kMostServedCertificates));
    EXPECT_EQ(told.certificates_omitted, 6);
  }
}

TEST_F(TlsConversationTest, ANameThatIsTooLongForSniIsSaid) {
  TlsServer server(io, served_);
  const TlsConversation told = ask(server.endpoint(), {.server_name = std::string(300, 'a')});
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_UNSPECIFIED);
  EXPECT_EQ(told.detail, "its name is too long for SNI");
}

}  // namespace
}  // namespace muster::tls
