// The handshake as bytes: cut off at every place, and in every piece.
#include "agent/probes/tls/tls_handshake.h"

#include <gmock/gmock.h>

#include "agent/probes/tls/certificate_message.h"
#include "tests/agent/probes/tls/memory_server.h"
#include "tests/common/certificate_maker.h"

namespace muster::tls {
namespace {

using test::make_served;
using test::MemoryServer;
using test::ServedCertificate;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using Step = TlsHandshake::Step;

TEST(TlsHandshakeTest, EndsAtEveryPlaceWhereTheServerMayGoAway) {
  const ServedCertificate served = make_served({"DNS:www.example.org"});
  const TlsQuestion question;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    bool is_over = false;
    for (size_t cut = 1; !is_over; cut += 13) {
      MemoryServer server(served, {.highest = version});
      TlsHandshake handshake(question);
      ASSERT_EQ(handshake.begin(), Step::kRead);
      std::string flight = server.answer(handshake.take_outgoing());
      is_over = cut >= flight.size();
      if (is_over) break;
      Step step = handshake.receive(flight.substr(0, cut));
      EXPECT_EQ(step, Step::kRead);
      step = handshake.receive_end(cut % 2 == 0);
      EXPECT_EQ(step, Step::kEnded);
      const TlsConversation told = handshake.finish();
      EXPECT_EQ(told.answer, v1::TLS_ANSWER_CLOSED) << cut << ": " << told.detail;
      EXPECT_LE(told.chain.size(), 2);
    }
  }
}

TEST(TlsHandshakeTest, IsTheSameInSingleBytes) {
  const ServedCertificate served = make_served({"DNS:www.example.org"});
  const TlsQuestion question;
  MemoryServer server(served, {.highest = TLS1_3_VERSION});
  TlsHandshake handshake(question);
  handshake.begin();
  Step step = Step::kRead;
  for (const char byte : server.answer(handshake.take_outgoing()))
    if (step == Step::kRead) step = handshake.receive(std::string_view(&byte, 1));
  EXPECT_EQ(step, Step::kEnded);
  const TlsConversation told = handshake.finish();
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_COMPLETED);
  EXPECT_THAT(told.chain, ElementsAreArray(served.chain));
}

TEST(TlsHandshakeTest, OneByteThatIsWrongIsAnAnswerAndNeverAnotherChain) {
  const ServedCertificate served = make_served({"DNS:www.example.org"});
  const TlsQuestion question;
  for (size_t wrong = 0; wrong < 1'100; wrong += 17) {
    MemoryServer server(served, {.highest = TLS1_3_VERSION});
    TlsHandshake handshake(question);
    handshake.begin();
    std::string flight = server.answer(handshake.take_outgoing());
    flight[wrong % flight.size()] ^= '\x40';
    Step step = handshake.receive(flight);
    if (step != Step::kEnded) step = handshake.receive_end(false);
    EXPECT_EQ(step, Step::kEnded);
    const TlsConversation told = handshake.finish();
    EXPECT_NE(told.answer, v1::TLS_ANSWER_UNSPECIFIED);
    // The versions of records count for nothing in TLS 1.3 (RFC 8446 5.1).
    if (told.answer != v1::TLS_ANSWER_COMPLETED) {
      EXPECT_NE(told.detail, "") << wrong;
    } else {
      EXPECT_THAT(told.chain, ElementsAreArray(served.chain)) << wrong;
    }
  }
}

TEST(CertificateMessage, IsReadAsFarAsItsLengthsMakeSense) {
  const std::string header("\x0b\x00\x00\x00", 4);
  const std::string two(
      "\x00\x00\x0a\x00\x00\x02"
      "ab"
      "\x00\x00\x02"
      "cd",
      13);
  EXPECT_THAT(parse_certificate_message(header + two, false, 16).certificates,
              ElementsAre("ab", "cd"));
  const CertificateMessage first = parse_certificate_message(header + two, false, 1);
  EXPECT_THAT(first.certificates, ElementsAre("ab"));
  EXPECT_EQ(first.omitted, 1);
  const std::string with_extensions(
      "\x00\x00\x00\x0a\x00\x00\x02"
      "ab"
      "\x00\x03"
      "xyz",
      14);
  EXPECT_THAT(parse_certificate_message(header + with_extensions, true, 16).certificates,
              ElementsAre("ab"));
  for (size_t size = 0; size < two.size(); ++size) {
    EXPECT_THAT(parse_certificate_message(header + two.substr(0, size), false, 16).certificates,
                IsEmpty());
  }
  const std::string lies(
      "\x00\x00\x05\x00\x00\x02"
      "ab"
      "\x00\x00\x02"
      "cd",
      13);
  EXPECT_THAT(parse_certificate_message(header + lies, false, 16).certificates, ElementsAre("ab"));
  EXPECT_THAT(parse_certificate_message("", true, 16).certificates, IsEmpty());
}

}  // namespace
}  // namespace muster::tls
