// Anybody may show anybody's certificate: what counts is the proof that its key is there.
#include <gmock/gmock.h>

#include "agent/probes/tls/client_certificate.h"
#include "agent/probes/tls/tls_handshake.h"
#include "tests/agent/probes/tls/memory_server.h"

namespace muster::tls {
namespace {

using test::make_served;
using test::MemoryServer;
using test::require_client_certificate;
using test::ServedCertificate;
using test::talk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// All that who has a certificate and not its key can load.
EvpPkeyPtr public_half(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(key, &bytes);
  const auto* cursor = bytes;
  EvpPkeyPtr half(d2i_PUBKEY(nullptr, &cursor, size));
  OPENSSL_free(bytes);
  return half;
}

// Its certificate signs itself.
ServedCertificate make_served_with(EvpPkeyPtr key) {
  ServedCertificate served{.chain = {}, .key = std::move(key)};
  served.chain = {muster::test::certificate_der(
      muster::test::self_signed({.common_name = "www.example.org"}, served.key.get()).get())};
  return served;
}

// In TLS 1.3 the wish comes before the certificate, and the proof after it.
TEST(ProofOfKey, NoneIsWantedOfUsByWhoShowsTheCertificateOfAnother) {
  const ServedCertificate served = make_served({"DNS:www.example.org"});
  const EvpPkeyPtr no_key = public_half(served.key.get());
  const TlsQuestion question;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    MemoryServer server(
        served, {.highest = version, .key = no_key.get(), .prepare = &require_client_certificate});
    TlsHandshake handshake(question);
    const TlsConversation told = talk(handshake, server);
    EXPECT_EQ(told.answer, v1::TLS_ANSWER_ALERT) << version;
    EXPECT_THAT(told.chain, SizeIs(2)) << version;
    if (version == TLS1_3_VERSION) {
      EXPECT_EQ(told.detail,
                "internal error, and it had not proved that it has its certificate's key");
    }
  }
}

TEST(ProofOfKey, NorByOneThatGoesAwayBeforeItsProof) {
  const ServedCertificate served = make_served({"DNS:www.example.org"});
  const EvpPkeyPtr no_key = public_half(served.key.get());
  const TlsQuestion question;
  MemoryServer server(served, {.key = no_key.get(), .prepare = &require_client_certificate});
  TlsHandshake handshake(question);
  handshake.begin();
  std::string flight = server.answer(handshake.take_outgoing());
  // Without its last record, the alert: 5 bytes, 2 of alert, 1 of its type, 16 of its tag.
  flight.resize(flight.size() - 24);
  ASSERT_EQ(handshake.receive(flight), TlsHandshake::Step::kRead);
  ASSERT_EQ(handshake.receive_end(false), TlsHandshake::Step::kEnded);
  const TlsConversation told = handshake.finish();
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_CLOSED);
  EXPECT_THAT(told.chain, ElementsAre(served.chain[0], served.chain[1]));
}

TEST(ProofOfKey, OfAServerThatHasItsKeyIsBeforeItsWish) {
  const ServedCertificate served = make_served({"DNS:www.example.org"});
  const TlsQuestion question;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    MemoryServer server(served, {.highest = version, .prepare = &require_client_certificate});
    TlsHandshake handshake(question);
    const TlsConversation told = talk(handshake, server);
    EXPECT_EQ(told.answer, v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED) << version;
    EXPECT_THAT(told.chain, ElementsAre(served.chain[0], served.chain[1]));
  }
}

// Where the session's key is encrypted to the server's, only its Finished would be a proof.
TEST(ProofOfKey, IsNeverMadeByAnRsaKeyExchangeThatIsNotFinished) {
  const ServedCertificate served = make_served_with(muster::test::make_rsa_key(1024));
  const TlsQuestion question;
  MemoryServer server(served, {.highest = TLS1_2_VERSION, .prepare = [](SSL_CTX* context) {
                                 require_client_certificate(context);
                                 SSL_CTX_set_cipher_list(context, "kRSA");
                               }});
  TlsHandshake handshake(question);
  const TlsConversation told = talk(handshake, server);
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_ALERT);
  EXPECT_THAT(told.detail, HasSubstr("it had not proved that it has its certificate's key"));
  EXPECT_THAT(told.chain, SizeIs(1));
}

TEST(OurCertificate, IsShownOnceWithEachOfItsIssuers) {
  const ServedCertificate ours = make_served({"DNS:client.example.org"});
  std::string pem;
  for (const std::string& der : ours.chain) {
    const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
    pem += muster::test::certificate_pem(
        X509Ptr(d2i_X509(nullptr, &cursor, static_cast<long>(der.size()))).get());
  }
  const auto certificate = ClientCertificate::from_pem(pem, muster::test::key_pem(ours.key.get()));
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  const ServedCertificate served = make_served({"DNS:www.example.org"});
  const TlsQuestion question{.client_certificate = &*certificate};
  MemoryServer server(served, {.prepare = &require_client_certificate});
  TlsHandshake handshake(question);
  const TlsConversation told = talk(handshake, server);
  EXPECT_EQ(told.answer, v1::TLS_ANSWER_COMPLETED) << told.detail;
  EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(server.connection())), 1);
}

}  // namespace
}  // namespace muster::tls
