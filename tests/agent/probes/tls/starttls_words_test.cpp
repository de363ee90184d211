// Protocols of lines: SMTP, FTP, news, mailboxes, Sieve, IRC.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "agent/probes/tls/starttls.h"
#include "common/targets/tls_endpoint.h"
#include "tests/agent/probes/tls/starttls_case.h"

namespace muster::tls {
namespace {

using namespace std::string_literals;
using test::Case;
using test::expect;
using test::Step;

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

}  // namespace
}  // namespace muster::tls
