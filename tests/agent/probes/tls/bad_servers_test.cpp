// Conversations with servers that behave badly: each ends in time, with the right answer, and holds
// up nobody.
#include <gmock/gmock.h>

#include <list>
#include <vector>

#include "agent/probes/tls/tls_conversation.h"
#include "tests/agent/probes/tls/bad_server.h"
#include "tests/agent/probes/tls/conversation_world.h"
#include "tests/agent/probes/tls/tls_server.h"
#include "tests/common/certificate_maker.h"

namespace muster::tls {
namespace {

using namespace std::chrono_literals;
using test::BadServer;
using test::make_served;
using test::Manners;
using test::ServedCertificate;
using test::TlsServer;
using testing::HasSubstr;
using testing::SizeIs;

// A record of TLS 1.2 with a HelloRequest, which a client passes over in a handshake.
const std::string kHelloRequest("\x16\x03\x03\x00\x04\x00\x00\x00\x00", 9);
// The beginning of a ServerHello of 16,000 bytes.
const std::string kLongHello("\x16\x03\x03\x3e\x84\x02\x00\x3e\x80", 9);

class BadServersTest : public test::ConversationWorld {
 protected:
  TlsConversation ask_bad(const Manners& manners, Duration at_most = 60s) {
    BadServer server(io, manners);
    return ask(server.endpoint(), {}, at_most);
  }
};

TEST_F(BadServersTest, OneThatSaysNothingTakesItsTimeAndNoMore) {
  const TlsConversation told = ask_bad({}, 30ms);
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT);
  EXPECT_EQ(told.detail, "it did not answer the ClientHello in time");
}

TEST_F(BadServersTest, OneByteAtATimeIsTooSlow) {
  const TlsConversation told =
      ask_bad({.first = kLongHello + std::string(16'000, '\x01'), .piece = 1}, 50ms);
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT);
  EXPECT_EQ(told.detail, "its handshake was not over in time");
}

TEST_F(BadServersTest, MessagesWithoutEndAreTooMuch) {
  std::string many;
  for (int i = 0; i < 1000; ++i)
    many += kHelloRequest;
  const TlsConversation told = ask_bad({.endless = many});
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_TOO_LARGE);
  EXPECT_EQ(told.detail, "it sent more than 1 MiB before the handshake was over");
}

TEST_F(BadServersTest, BytesWithoutEndAreNotTakenEither) {
  for (const char byte : {'\0', '\x16', 'x', '\xff'}) {
    const TlsConversation told = ask_bad({.endless = std::string(64 << 10, byte)});
    EXPECT_EQ(told.answer, v1::TLS_ANSWER_NOT_TLS) << static_cast<int>(byte);
    EXPECT_NE(told.detail, "");
  }
}

TEST_F(BadServersTest, WhatIsNoTlsIsNamed) {
  const struct {
    std::string says;
    const char* detail;
  } cases[] = {
      {"HTTP/1.1 400 Bad Request\r\n\r\n", "it answers HTTP in the clear"},
      {"<!DOCTYPE HTML><html>", "it answers HTTP in the clear"},
      {"220 mail.example.org ESMTP Postfix\r\n", "it answers as SMTP: starttls=smtp?"},
      {"220 (vsFTPd 3.0.3)\r\n", "it answers as FTP: starttls=ftp?"},
      {"220 ready\r\n", "it answers as SMTP or FTP: starttls=smtp or starttls=ftp?"},
      {"* OK [CAPABILITY IMAP4rev1] ready\r\n", "it answers as IMAP: starttls=imap?"},
      {"+OK ready\r\n", "it answers as POP3: starttls=pop3?"},
      {"200 news ready\r\n", "it answers as NNTP: starttls=nntp?"},
      {"\"IMPLEMENTATION\" \"Dovecot\"\r\n", "it answers as ManageSieve: starttls=sieve?"},
      {"<?xml version='1.0'?>", "it answers as XMPP: starttls=xmpp?"},
      {":irc.example.org NOTICE * :Looking up\r\n", "it answers as IRC: starttls=irc?"},
      {std::string("\x4a\x00\x00\x00\x0a", 5) + "8.0.36", "it answers as MySQL: starttls=mysql?"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "it answers as SSH"},
      {"\x1b[31mred", "it answers '\\x1b[31mred'"},
      {"\xff", "it answers '\xef\xbf\xbd'"},
  };
  for (const auto& [says, detail] : cases) {
    const TlsConversation told = ask_bad({.first = says});
    EXPECT_EQ(told.answer, v1::TLS_ANSWER_NOT_TLS) << says;
    EXPECT_EQ(told.detail, detail);
  }
}

TEST_F(BadServersTest, OneThatClosesOrResetsIsToldSo) {
  EXPECT_EQ(ask_bad({.end = Manners::End::kClose}).answer, v1::TLS_ANSWER_CLOSED);
  const TlsConversation closed = ask_bad({.first = kLongHello, .end = Manners::End::kClose});
  EXPECT_EQ(closed.answer, v1::TLS_ANSWER_CLOSED);
  EXPECT_THAT(closed.detail, HasSubstr("before its certificates came"));
  EXPECT_EQ(ask_bad({.first = kLongHello, .end = Manners::End::kReset}).answer,
            v1::TLS_ANSWER_CLOSED);
}

TEST_F(BadServersTest, AnAlertThatNobodyKnowsIsAnAlert) {
  const TlsConversation told = ask_bad({.first = std::string("\x15\x03\x03\x00\x02\x02\xc8", 7)});
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_ALERT);
  EXPECT_EQ(told.detail, "unknown");
}

TEST_F(BadServersTest, AChainOf256KiBIsTaken) {
  std::vector<std::string> names;
  for (int i = 0; i < 1500; ++i)
    names.push_back("DNS:host-" + std::to_string(i) + ".example.org");
  ServedCertificate large = make_served(names);
  while (large.chain.size() < 10)
    large.chain.push_back(large.chain.front());
  size_t size = 0;
  for (const std::string& certificate : large.chain)
    size += certificate.size();
  ASSERT_GT(size, size_t{256} << 10);
  TlsServer server(io, large);
  const TlsConversation told = ask(server.endpoint());
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_COMPLETED) << told.detail;
  EXPECT_EQ(told.chain, large.chain);
}

TEST_F(BadServersTest, ACertificateWithTenThousandNamesIsTaken) {
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i)
    names.push_back("DNS:host-" + std::to_string(i) + ".example.org");
  const ServedCertificate large = make_served(names);
  ASSERT_GT(large.chain[0].size(), size_t{200'000});
  TlsServer server(io, large);
  const TlsConversation told = ask(server.endpoint());
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_COMPLETED) << told.detail;
  EXPECT_EQ(told.chain, large.chain);
}

TEST_F(BadServersTest, AChainBeyondWhatIsTakenIsTooLarge) {
  std::vector<std::string> names;
  for (int i = 0; i < 1500; ++i)
    names.push_back("DNS:host-" + std::to_string(i) + ".example.org");
  ServedCertificate large = make_served(names);
  while (large.chain.size() < 40)
    large.chain.push_back(large.chain.front());
  TlsServer server(io, large);
  EXPECT_EQ(ask(server.endpoint()).answer, v1::TLS_ANSWER_TOO_LARGE);
}

// The bad ones have an hour: had anybody waited for them, this would not end.
TEST_F(BadServersTest, FiftyOfThemHoldUpNoneOfAHundredGoodOnes) {
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += kHelloRequest;
  std::list<BadServer> bad;
  for (const Manners& manners :
       {Manners{}, Manners{.first = kLongHello},
        Manners{.first = kLongHello + std::string(16'000, '\x01'), .piece = 1}}) {
    bad.emplace_back(io, manners);
  }
  const ServedCertificate served = make_served({"DNS:www.example.org"});
  TlsServer good(io, served);
  std::vector<std::optional<TlsConversation>> told_bad(50);
  std::vector<std::optional<TlsConversation>> told_good(100);
  const TlsQuestion question;
  auto server = bad.begin();
  for (auto& told : told_bad) {
    begin(server->endpoint(), question, 1h, told);
    if (++server == bad.end()) server = bad.begin();
  }
  for (auto& told : told_good)
    begin(good.endpoint(), question, 1h, told);
  const auto is_over = [](const auto& told) { return told.has_value(); };
  while (!std::all_of(told_good.begin(), told_good.end(), is_over) && io.run_one() > 0) {
  }
  for (const auto& told : told_good) {
    ASSERT_TRUE(told.has_value());
    EXPECT_EQ(told->answer, v1::TLS_ANSWER_COMPLETED) << told->detail;
  }
  // Those that never end are under way still.
  EXPECT_FALSE(told_bad[0].has_value());
  EXPECT_FALSE(told_bad[1].has_value());
}

// As many as there are claim large chains: the next ones are taken all the same.
TEST_F(BadServersTest, ManyThatClaimLargeChainsKeepNobodyFromAUsualOne) {
  // A certificate's message of a megabyte is begun and never ended: behind a ServerHello of TLS 1.2
  // that picks ECDHE-ECDSA-AES256-GCM-SHA384.
  std::string hello("\x02\x00\x00\x26\x03\x03", 6);
  hello += std::string(32, 'r') + std::string("\x00\xc0\x2c\x00", 4);
  std::string record("\x16\x03\x03", 3);
  const std::string claim("\x0b\x0f\xff\xf0", 4);
  const size_t size = hello.size() + claim.size();
  record += static_cast<char>(size >> 8);
  record += static_cast<char>(size & 0xff);
  BadServer claims(io, {.first = record + hello + claim});
  std::vector<std::optional<TlsConversation>> waiting(40);
  const TlsQuestion question;
  for (auto& told : waiting)
    begin(claims.endpoint(), question, 1h, told);
  TlsServer good(io, make_served({"DNS:www.example.org"}));
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(ask(good.endpoint()).answer, v1::TLS_ANSWER_COMPLETED);
  int refused = 0;
  for (const auto& told : waiting) {
    if (!told) continue;
    EXPECT_EQ(told->answer, v1::TLS_ANSWER_TOO_LARGE) << told->detail;
    ++refused;
  }
  // 32 may claim one together.
  EXPECT_EQ(refused, 8);
}

}  // namespace
}  // namespace muster::tls
