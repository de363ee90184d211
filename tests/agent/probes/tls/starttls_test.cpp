#include "agent/probes/tls/starttls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "common/targets/tls_endpoint.h"
#include "tests/agent/probes/tls/starttls_talk.h"

namespace muster::tls {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::StartsWith;
using Step = StartTlsDialog::Step;
using test::Talk;
using test::talk;

struct Case {
  v1::StartTls protocol;
  std::vector<std::string> server;
  Step step;
  // What the dialog has said by then, or why it ended; not looked at where empty.
  std::string said = {};
  std::string detail = {};
};

// The same, in one piece, one byte at a time, and cut in two wherever a message can be.
void expect(const Case& test) {
  const Talk once = talk(test.protocol, test.server);
  const std::string what =
      std::string(starttls_name(test.protocol)) + ": " + testing::PrintToString(test.server);
  EXPECT_EQ(once.step, test.step) << what << ": " << once.detail;
  if (!test.said.empty()) {
    EXPECT_EQ(once.said, test.said) << what;
  }
  EXPECT_THAT(once.detail, HasSubstr(test.detail)) << what;
  EXPECT_LE(once.detail.size(), 256);
  EXPECT_EQ(talk(test.protocol, test.server, &test::bytes), once) << what;
  size_t longest = 0;
  for (const std::string& message : test.server)
    longest = std::max(longest, message.size());
  for (size_t at = 1; at < longest; ++at) {
    if (talk(test.protocol, test.server, test::in_two(at)) == once) continue;
    ADD_FAILURE() << what << ": another answer when cut at " << at;
    return;
  }
}

const std::string kEhlo = "EHLO muster.invalid\r\n";

TEST(StartTls, OfSmtpIsAskedForWhereEhloOffersIt) {
  const std::string greeting = "220 mail.example.org ESMTP Postfix (Debian/GNU)\r\n";
  const std::string offers =
      "250-mail.example.org\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-STARTTLS\r\n"
      "250 CHUNKING\r\n";
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_SMTP,
            {greeting, offers, "220 2.0.0 Ready to start TLS\r\n"},
            Step::kBeginTls,
            kEhlo + "STARTTLS\r\n"},
           {v1::START_TLS_SMTP,
            {"220-wait\r\n220 ready\n", "250 starttls\n", "220\n"},
            Step::kBeginTls},
           {v1::START_TLS_SMTP,
            {greeting, offers, "454 4.7.0 TLS not available due to local problem\r\n"},
            Step::kNoStartTls,
            "",
            "454 4.7.0 TLS not available due to local problem"},
           {v1::START_TLS_SMTP,
            {greeting, "250-mail.example.org\r\n250 XSTARTTLS\r\n"},
            Step::kNoStartTls,
            kEhlo,
            "its reply to EHLO does not offer STARTTLS"},
           {v1::START_TLS_SMTP,
            {greeting, "502 5.5.1 Command not implemented\r\n"},
            Step::kNoStartTls,
            "",
            "502 5.5.1 Command not implemented"},
           {v1::START_TLS_SMTP,
            {"554 5.7.1 No SMTP service here\r\n"},
            Step::kNoStartTls,
            "",
            "554 5.7.1 No SMTP service here"},
           {v1::START_TLS_SMTP, {"421 busy\r\n"}, Step::kNoStartTls, "", "421 busy"},
           {v1::START_TLS_SMTP, {"200 news\r\n"}, Step::kNotTheProtocol, "", "200 news"},
           {v1::START_TLS_SMTP, {"220x\r\n"}, Step::kNotTheProtocol, "", "220x"},
           {v1::START_TLS_SMTP, {"\r\n"}, Step::kNotTheProtocol},
           {v1::START_TLS_SMTP,
            {greeting, "250-a\r\n220 b\r\n"},
            Step::kNotTheProtocol,
            "",
            "220 b"},
           {v1::START_TLS_SMTP, {"220 ready"}, Step::kRead, ""},
       })
    expect(test);
}

TEST(StartTls, OfFtpAndNewsIsAskedForAtOnce) {
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_FTP,
            {"220 (vsFTPd 3.0.3)\r\n", "234 Proceed with negotiation.\r\n"},
            Step::kBeginTls,
            "AUTH TLS\r\n"},
           {v1::START_TLS_FTP,
            {"120 in a minute\r\n220-Welcome\r\n 220 of these\r\n250 others\r\n220-\r\n220 bye\r\n",
             "234 go\r\n"},
            Step::kBeginTls},
           {v1::START_TLS_FTP,
            {"220 (vsFTPd 3.0.3)\r\n", "530 Please login with USER and PASS.\r\n"},
            Step::kNoStartTls,
            "",
            "530 Please login with USER and PASS."},
           {v1::START_TLS_FTP, {"530 too many users\r\n"}, Step::kNoStartTls},
           {v1::START_TLS_FTP, {"SSH-2.0-OpenSSH_9.2p1\r\n"}, Step::kNotTheProtocol, "", "SSH-2.0"},
           {v1::START_TLS_NNTP,
            {"200 news.example.org InterNetNews NNRP server INN 2.7.1 ready (posting ok)\r\n",
             "382 Begin TLS negotiation now\r\n"},
            Step::kBeginTls,
            "STARTTLS\r\n"},
           {v1::START_TLS_NNTP, {"201 no posting\r\n", "382 go\r\n"}, Step::kBeginTls},
           {v1::START_TLS_NNTP,
            {"200 ready\r\n", "580 Error initializing TLS\r\n"},
            Step::kNoStartTls,
            "",
            "580 Error initializing TLS"},
           {v1::START_TLS_NNTP, {"200 ready\r\n", "500 what?\r\n"}, Step::kNoStartTls},
           {v1::START_TLS_NNTP, {"502 go away\r\n"}, Step::kNoStartTls},
           {v1::START_TLS_NNTP, {"220 mail\r\n"}, Step::kNotTheProtocol},
       })
    expect(test);
}

TEST(StartTls, OfMailboxesIsAskedForAtOnce) {
  const std::string imap = "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot ready.\r\n";
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_IMAP,
            {imap, "a1 OK Begin TLS negotiation now.\r\n"},
            Step::kBeginTls,
            "a1 STARTTLS\r\n"},
           {v1::START_TLS_IMAP, {imap, "* CAPABILITY IMAP4rev1\r\na1 ok go\r\n"}, Step::kBeginTls},
           {v1::START_TLS_IMAP,
            {imap, "a1 BAD TLS support isn't enabled.\r\n"},
            Step::kNoStartTls,
            "",
            "a1 BAD TLS support isn't enabled."},
           {v1::START_TLS_IMAP,
            {"* BYE overloaded\r\n"},
            Step::kNoStartTls,
            "",
            "* BYE overloaded"},
           {v1::START_TLS_IMAP, {"* PREAUTH hello\r\n"}, Step::kNoStartTls},
           {v1::START_TLS_IMAP, {imap, "* BYE\r\n"}, Step::kNoStartTls},
           {v1::START_TLS_IMAP, {imap, "a2 OK\r\n"}, Step::kNotTheProtocol},
           {v1::START_TLS_IMAP, {"+OK POP3\r\n"}, Step::kNotTheProtocol},
           {v1::START_TLS_POP3,
            {"+OK Dovecot ready.\r\n", "+OK Begin TLS negotiation now.\r\n"},
            Step::kBeginTls,
            "STLS\r\n"},
           {v1::START_TLS_POP3,
            {"+OK\r\n", "-ERR Command not permitted\r\n"},
            Step::kNoStartTls,
            "",
            "-ERR Command not permitted"},
           {v1::START_TLS_POP3, {"-ERR locked\r\n"}, Step::kNoStartTls, "", "-ERR locked"},
           {v1::START_TLS_POP3, {"220 mail\r\n"}, Step::kNotTheProtocol},
       })
    expect(test);
}

TEST(StartTls, OfSieveIsAskedForWhereItsCapabilitiesHaveIt) {
  const std::string capabilities =
      "\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\r\n\"SIEVE\" \"fileinto reject\"\r\n"
      "\"NOTIFY\" \"mailto\"\r\n\"SASL\" \"\"\r\n";
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_SIEVE,
            {capabilities + "\"STARTTLS\"\r\n\"VERSION\" \"1.0\"\r\nOK \"Dovecot ready.\"\r\n",
             "OK \"Begin TLS negotiation now.\"\r\n"},
            Step::kBeginTls,
            "STARTTLS\r\n"},
           {v1::START_TLS_SIEVE,
            {"\"IMPLEMENTATION\" {9}\r\nover\r\nlines\r\n\"starttls\"\r\nOK\r\n", "OK\r\n"},
            Step::kBeginTls},
           {v1::START_TLS_SIEVE,
            {capabilities + "OK\r\n"},
            Step::kNoStartTls,
            "",
            "its capabilities do not have STARTTLS"},
           {v1::START_TLS_SIEVE, {"BYE \"busy\"\r\n"}, Step::kNoStartTls, "", "BYE \"busy\""},
           {v1::START_TLS_SIEVE,
            {"\"STARTTLS\"\r\nOK\r\n", "NO \"not now\"\r\n"},
            Step::kNoStartTls},
           {v1::START_TLS_SIEVE, {"220 mail\r\n"}, Step::kNotTheProtocol, "", "220 mail"},
       })
    expect(test);
}

TEST(StartTls, OfIrcIsAskedForBeforeTheServerIsHeard) {
  const std::string looking_up =
      ":irc.example.org NOTICE * :*** Looking up your hostname...\r\nPING :1\r\n";
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_IRC,
            {looking_up + ":irc.example.org 670 * :STARTTLS successful, go ahead\r\n"},
            Step::kBeginTls,
            "STARTTLS\r\n"},
           {v1::START_TLS_IRC, {"@time=now :irc.example.org 670 *\r\n"}, Step::kBeginTls},
           {v1::START_TLS_IRC,
            {looking_up, ":irc.example.org 691 * :STARTTLS is not enabled\r\n"},
            Step::kNoStartTls,
            "",
            "691 * :STARTTLS is not enabled"},
           {v1::START_TLS_IRC,
            {":irc.example.org 020 * :please wait\r\n:irc.example.org 421 * STARTTLS :Unknown\r\n"},
            Step::kNoStartTls},
           {v1::START_TLS_IRC, {"ERROR :Closing link\r\n"}, Step::kNoStartTls},
           {v1::START_TLS_IRC, {"220 mail.example.org ESMTP\r\n"}, Step::kNotTheProtocol},
           {v1::START_TLS_IRC, {"\r\n"}, Step::kNotTheProtocol},
       })
    expect(test);
}

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

TEST(StartTls, OfLdapIsAnExtendedRequest) {
  const std::string request =
      "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
      "1.3.6.1.4.1.1466.20037"s;
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_LDAP,
            {"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s},
            Step::kBeginTls,
            request},
           // As Active Directory writes lengths, with the name of the answer.
           {v1::START_TLS_LDAP,
            {"\x30\x84\x00\x00\x00\x28\x02\x01\x01\x78\x84\x00\x00\x00\x1f\x0a\x01\x00\x04\x00\x04"
             "\x00"
             "\x8a\x16"
             "1.3.6.1.4.1.1466.20037"s},
            Step::kBeginTls},
           {v1::START_TLS_LDAP,
            {"\x30\x1d\x02\x01\x01\x78\x18\x0a\x01\x02\x04\x00\x04\x11"
             "TLS not supported"s},
            Step::kNoStartTls,
            "",
            "result 2 protocolError: TLS not supported"},
           {v1::START_TLS_LDAP,
            {"\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x34\x04\x00\x04\x00"s},
            Step::kNoStartTls,
            "",
            "result 52 unavailable"},
           // Another message; a length without end; one of 16 MiB; a field that leads out of it.
           {v1::START_TLS_LDAP,
            {"\x30\x0c\x02\x01\x02\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s},
            Step::kNotTheProtocol},
           {v1::START_TLS_LDAP, {"\x30\x80\x02\x01\x01"s}, Step::kNotTheProtocol},
           {v1::START_TLS_LDAP, {"\x30\x84\x01\x00\x00\x00"s}, Step::kNotTheProtocol},
           {v1::START_TLS_LDAP, {"\x30\x85\x01"s}, Step::kNotTheProtocol},
           {v1::START_TLS_LDAP,
            {"\x30\x0c\x02\x01\x01\x78\x7f\x0a\x01\x00\x04\x00\x04\x00"s},
            Step::kNotTheProtocol},
           {v1::START_TLS_LDAP, {"\x30\x00"s}, Step::kNotTheProtocol},
           {v1::START_TLS_LDAP, {"HTTP/1.1 400\r\n"}, Step::kNotTheProtocol},
       })
    expect(test);
}

TEST(StartTls, OfPostgresIsOneByte) {
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_POSTGRES, {"S"}, Step::kBeginTls, "\x00\x00\x00\x08\x04\xd2\x16\x2f"s},
           {v1::START_TLS_POSTGRES, {"N"}, Step::kNoStartTls, "", "it takes no TLS"},
           {v1::START_TLS_POSTGRES,
            {"E\x00\x00\x00\x2cSFATAL\0C53300\0Msorry, too many clients\0\0"s},
            Step::kNoStartTls,
            "",
            "sorry, too many clients"},
           {v1::START_TLS_POSTGRES, {"E\x00\x00\x00\x04"s}, Step::kNoStartTls},
           {v1::START_TLS_POSTGRES, {"E\x00\x00\x00\x03"s}, Step::kNotTheProtocol},
           {v1::START_TLS_POSTGRES, {"ERROR: no\n"}, Step::kNotTheProtocol},
           {v1::START_TLS_POSTGRES, {"H"}, Step::kNotTheProtocol},
       })
    expect(test);
}

TEST(StartTls, OfMysqlIsWhereTheGreetingHasIt) {
  const std::string version =
      "\x0a"
      "5.5.5-10.11.6-MariaDB-0+deb12u1\0"s;
  const auto greeting = [&](const std::string& capabilities) {
    const std::string packet =
        version + "\x05\0\0\0"s + "challeng" + "\0"s + capabilities + "\x2d\x02\0"s;
    return std::string(1, static_cast<char>(packet.size())) + "\0\0\0"s + packet;
  };
  const std::string request = "\x20\0\0\x01\0\x8a\0\0\0\0\0\x01\x21"s + std::string(23, '\0');
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_MYSQL, {greeting("\xfe\xff")}, Step::kBeginTls, request},
           {v1::START_TLS_MYSQL,
            {greeting("\xfe\xf7")},
            Step::kNoStartTls,
            "",
            "its capabilities do not have TLS"},
           {v1::START_TLS_MYSQL,
            {"\x1f\0\0\0\xff\x6a\x04Host 'a' is not allowed here"s},
            Step::kNoStartTls,
            "",
            "error 1130: Host 'a' is not allowed here"},
           {v1::START_TLS_MYSQL,
            {"\x0d\0\0\0\xff\x10\x04#08004full"s},
            Step::kNoStartTls,
            "",
            "error 1040: full"},
           {v1::START_TLS_MYSQL, {"\x02\0\0\0\xff\x10"s}, Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL, {"\x00\0\0\0"s}, Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL,
            {"\x05\0\0\0\x0a"
             "8.0\0"s},
            Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL,
            {"\x05\0\0\x01\x0a"
             "8.0\0"s},
            Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL, {"\x01\0\0\0\x09"s}, Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL, {"\xff\xff\xff"s}, Step::kNotTheProtocol},
           {v1::START_TLS_MYSQL, {"220 mail\r\n"}, Step::kNotTheProtocol},
       })
    expect(test);
}

TEST(StartTls, OfRdpIsNegotiated) {
  const auto answer = [](const std::string& negotiation) {
    return "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00"s + negotiation;
  };
  for (const Case& test : std::vector<Case>{
           {v1::START_TLS_RDP,
            {answer("\x02\x00\x08\x00\x01\x00\x00\x00"s)},
            Step::kBeginTls,
            "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00"s},
           {v1::START_TLS_RDP, {answer("\x02\x1f\x08\x00\x02\x00\x00\x00"s)}, Step::kBeginTls},
           {v1::START_TLS_RDP,
            {answer("\x02\x00\x08\x00\x00\x00\x00\x00"s)},
            Step::kNoStartTls,
            "",
            "it chose RDP's own security"},
           {v1::START_TLS_RDP,
            {answer("\x03\x00\x08\x00\x02\x00\x00\x00"s)},
            Step::kNoStartTls,
            "",
            "failure 2 SSL_NOT_ALLOWED_BY_SERVER"},
           {v1::START_TLS_RDP,
            {answer("\x03\x00\x08\x00\x63\x00\x00\x00"s)},
            Step::kNoStartTls,
            "",
            "failure 99"},
           {v1::START_TLS_RDP,
            {"\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00"s},
            Step::kNoStartTls,
            "",
            "it has RDP's own security only"},
           {v1::START_TLS_RDP,
            {"\x03\x00\x00\x0b\x06\x80\x00\x00\x12\x34\x00"s},
            Step::kNoStartTls},
           {v1::START_TLS_RDP,
            {answer("\x07\x00\x08\x00\x00\x00\x00\x00"s)},
            Step::kNotTheProtocol},
           {v1::START_TLS_RDP, {"\x03\x00\x00\x0a"s}, Step::kNotTheProtocol},
           {v1::START_TLS_RDP, {"\x03\x00\xff\xff"s}, Step::kNotTheProtocol},
           {v1::START_TLS_RDP, {"\x15\x03\x03\x00\x02\x02\x46"s}, Step::kNotTheProtocol},
       })
    expect(test);
}

// Of each protocol: what its server says until TLS may begin.
std::vector<Case> all_good() {
  return {
      {v1::START_TLS_SMTP, {"220 a\r\n", "250 STARTTLS\r\n", "220 go\r\n"}, Step::kBeginTls},
      {v1::START_TLS_IMAP, {"* OK\r\n", "a1 OK\r\n"}, Step::kBeginTls},
      {v1::START_TLS_POP3, {"+OK\r\n", "+OK\r\n"}, Step::kBeginTls},
      {v1::START_TLS_FTP, {"220 a\r\n", "234 go\r\n"}, Step::kBeginTls},
      {v1::START_TLS_LDAP,
       {"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s},
       Step::kBeginTls},
      {v1::START_TLS_POSTGRES, {"S"}, Step::kBeginTls},
      {v1::START_TLS_MYSQL,
       {"\x12\0\0\0\x0a"
        "8\0"
        "threchalleng\0\xff\xff"s},
       Step::kBeginTls},
      {v1::START_TLS_XMPP,
       {"<stream:stream>", "<stream:features><starttls/></stream:features>", "<proceed/>"},
       Step::kBeginTls},
      {v1::START_TLS_RDP,
       {"\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x01\x00\x00\x00"s},
       Step::kBeginTls},
      {v1::START_TLS_SIEVE, {"\"STARTTLS\"\r\nOK\r\n", "OK\r\n"}, Step::kBeginTls},
      {v1::START_TLS_NNTP, {"200 a\r\n", "382 go\r\n"}, Step::kBeginTls},
      {v1::START_TLS_IRC, {":a 670\r\n"}, Step::kBeginTls},
      {v1::START_TLS_XMPP_SERVER,
       {"<stream:stream>", "<stream:features><starttls/></stream:features>", "<proceed/>"},
       Step::kBeginTls},
  };
}

TEST(StartTls, IsNotBegunWhereMoreCameBehindTheGoAhead) {
  std::set<v1::StartTls> tried;
  for (Case test : all_good()) {
    expect(test);
    test.server.back() += "\x16";
    const Talk told = talk(test.protocol, test.server);
    EXPECT_EQ(told.step, Step::kNotTheProtocol) << starttls_name(test.protocol);
    EXPECT_EQ(told.detail, "more came behind the go-ahead for TLS, before TLS began");
    tried.insert(test.protocol);
  }
  EXPECT_EQ(tried.size(), starttls_protocols().size());
}

TEST(StartTls, KnowsAServerThatSpeaksTlsAtOnce) {
  for (const std::string& begin : {"\x15\x03\x01\x00\x02\x02\x46"s, "\x16\x03\x03\x00\x7a\x02"s}) {
    for (const std::string_view name : starttls_protocols()) {
      v1::StartTls protocol{};
      ASSERT_TRUE(parse_starttls(name, protocol));
      // MySQL's begins as a packet of so many bytes might.
      if (protocol == v1::START_TLS_MYSQL) continue;
      EXPECT_EQ(talk(protocol, {begin}).step, Step::kNotTheProtocol) << name;
      EXPECT_EQ(talk(protocol, {begin}, &test::bytes).step, Step::kNotTheProtocol) << name;
    }
    EXPECT_EQ(talk(v1::START_TLS_SMTP, {begin}).detail, "it speaks TLS at once");
  }
}

// What a server says that never comes to an end, in pieces of 4 KiB: how it ends, and after how
// many bytes.
std::pair<Step, size_t> endless(v1::StartTls protocol, const std::string& begin,
                                const std::string& more) {
  const auto dialog = StartTlsDialog::make(protocol, "a.example");
  std::string reply;
  Step step = dialog->receive(begin, reply);
  size_t bytes = begin.size();
  std::string piece;
  while (piece.size() < 4096)
    piece += more;
  while (step == Step::kRead && bytes < 4 * StartTlsDialog::kMostBytes) {
    step = dialog->receive(piece, reply);
    bytes += piece.size();
  }
  return {step, bytes};
}

TEST(StartTls, TakesNoMoreThanItsBounds) {
  const struct {
    v1::StartTls protocol;
    std::string begin;
    std::string more;
  } floods[] = {
      {v1::START_TLS_SMTP, "220-a\r\n", "220-b\r\n"},
      {v1::START_TLS_SMTP, "220 ", "b"},
      {v1::START_TLS_FTP, "220-a\r\n", "anything\r\n"},
      {v1::START_TLS_IMAP, "* OK\r\n", "* more\r\n"},
      {v1::START_TLS_POP3, "+OK", "K"},
      {v1::START_TLS_SIEVE, "\"A\"\r\n", "\"B\"\r\n"},
      {v1::START_TLS_IRC, "PING\r\n", "PING\r\n"},
      {v1::START_TLS_XMPP, "<stream:stream>", "<a>"},
      {v1::START_TLS_XMPP, "<stream:stream>", " "},
      {v1::START_TLS_XMPP, "<stream:stream a='", "a"},
  };
  for (const auto& flood : floods) {
    const auto [step, bytes] = endless(flood.protocol, flood.begin, flood.more);
    EXPECT_EQ(step, Step::kTooLarge) << starttls_name(flood.protocol) << flood.begin;
    EXPECT_LE(bytes, StartTlsDialog::kMostBytes + 3 * 4096);
  }
  const std::string line = "220 " + std::string(size_t{8188}, 'a');
  EXPECT_EQ(talk(v1::START_TLS_SMTP, {line}).step, Step::kRead);
  EXPECT_EQ(talk(v1::START_TLS_SMTP, {line + "a"}).step, Step::kTooLarge);
  // All that may come before TLS, and a byte more.
  std::string most;
  while (most.size() + 8 <= StartTlsDialog::kMostBytes)
    most += "220-abc\n";
  EXPECT_EQ(talk(v1::START_TLS_SMTP, {most}).step, Step::kRead);
  EXPECT_EQ(talk(v1::START_TLS_SMTP, {most + "2"}).step, Step::kTooLarge);
}

TEST(StartTls, SaysWhatCameAsPrintableTextOnly) {
  const Talk text = talk(v1::START_TLS_SMTP, {"554 \xff" + std::string(1000, 'x') + "\r\n"});
  EXPECT_THAT(text.detail, StartsWith("554 \xef\xbf\xbdxxx"));
  EXPECT_EQ(text.detail.size(), 256);
  EXPECT_EQ(talk(v1::START_TLS_SMTP, {"554 \x1b[2J\r\n"}).detail,
            R"(what came is no text: 554 \x1b)");
  const Talk field = talk(v1::START_TLS_POSTGRES, {"E\0\0\0\x0aM\x1b]0;\n\0"s});
  EXPECT_EQ(field.detail, R"(\x1b]0;\x0a)");
}

TEST(StartTls, HasANameForEachProtocolAndAPortForMost) {
  for (int number = 0; number <= v1::StartTls_MAX; ++number) {
    const auto protocol = static_cast<v1::StartTls>(number);
    const std::string_view name = starttls_name(protocol);
    v1::StartTls parsed = v1::START_TLS_UNSPECIFIED;
    EXPECT_EQ(parse_starttls(name, parsed), number != 0) << name;
    EXPECT_EQ(parsed, protocol);
    EXPECT_EQ(StartTlsDialog::make(protocol, "") == nullptr, number == 0);
    if (number == 0) continue;
    // The constant's name says the same.
    std::string upper(name);
    for (char& c : upper)
      c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
    EXPECT_EQ(v1::StartTls_Name(protocol), "START_TLS_" + upper);
  }
  v1::StartTls none{};
  EXPECT_FALSE(parse_starttls("https", none));
  EXPECT_EQ(starttls_of_port(25), v1::START_TLS_SMTP);
  EXPECT_EQ(starttls_of_port(5432), v1::START_TLS_POSTGRES);
  for (const uint32_t port : {443, 465, 563, 636, 990, 993, 995, 5223, 6697, 8443, 0, 65536})
    EXPECT_EQ(starttls_of_port(port), v1::START_TLS_UNSPECIFIED) << port;
}

}  // namespace
}  // namespace muster::tls
