// The handshake as bytes: cut off at every place, and in every piece.
#include "agent/probes/tls/tls_handshake.h"

#include <gmock/gmock.h>

#include "agent/probes/tls/certificate_message.h"
#include "tests/agent/probes/tls/tls_server.h"
#include "tests/common/certificate_maker.h"

namespace muster::tls {
namespace {

using test::make_served;
using test::ServedCertificate;
using testing::ElementsAre;
using testing::IsEmpty;
using Step = TlsHandshake::Step;

// A server in memory.
class Server {
 public:
  Server(const ServedCertificate& served, int highest)
      : context_(SSL_CTX_new(TLS_server_method())) {
    const auto* der = reinterpret_cast<const unsigned char*>(served.chain[0].data());
    const X509Ptr leaf(d2i_X509(nullptr, &der, static_cast<long>(served.chain[0].size())));
    SSL_CTX_set_max_proto_version(context_.get(), highest);
    SSL_CTX_use_certificate(context_.get(), leaf.get());
    SSL_CTX_use_PrivateKey(context_.get(), served.key.get());
    connection_.reset(SSL_new(context_.get()));
    SSL_set_accept_state(connection_.get());
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    SSL_set_bio(connection_.get(), in, out);
  }

  std::string answer(const std::string& bytes) {
    BIO_write(SSL_get_rbio(connection_.get()), bytes.data(), static_cast<int>(bytes.size()));
    SSL_do_handshake(connection_.get());
    std::string answer = bio_content(SSL_get_wbio(connection_.get()));
    BIO_reset(SSL_get_wbio(connection_.get()));
    return answer;
  }

 private:
  SslCtxPtr context_;
  SslPtr connection_;
};

TEST(TlsHandshakeTest, EndsAtEveryPlaceWhereTheServerMayGoAway) {
  const ServedCertificate served = make_served({"DNS:www.example.org"});
  const TlsQuestion question;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    bool is_over = false;
    for (size_t cut = 1; !is_over; cut += 13) {
      Server server(served, version);
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
      EXPECT_LE(told.chain.size(), 1);
    }
  }
}

TEST(TlsHandshakeTest, IsTheSameInSingleBytes) {
  const ServedCertificate served = make_served({"DNS:www.example.org"});
  const TlsQuestion question;
  Server server(served, TLS1_3_VERSION);
  TlsHandshake handshake(question);
  handshake.begin();
  Step step = Step::kRead;
  for (const char byte : server.answer(handshake.take_outgoing()))
    if (step == Step::kRead) step = handshake.receive(std::string_view(&byte, 1));
  EXPECT_EQ(step, Step::kEnded);
  const TlsConversation told = handshake.finish();
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_COMPLETED);
  EXPECT_THAT(told.chain, ElementsAre(served.chain[0]));
}

TEST(TlsHandshakeTest, OneByteThatIsWrongIsAnAnswerAndNeverAnotherChain) {
  const ServedCertificate served = make_served({"DNS:www.example.org"});
  const TlsQuestion question;
  for (size_t wrong = 0; wrong < 700; wrong += 11) {
    Server server(served, TLS1_3_VERSION);
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
      EXPECT_THAT(told.chain, ElementsAre(served.chain[0])) << wrong;
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
