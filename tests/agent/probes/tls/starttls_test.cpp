// What holds for every protocol.
#include <gmock/gmock.h>

#include <set>
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
using test::Talk;
using test::talk;
using testing::StartsWith;

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
