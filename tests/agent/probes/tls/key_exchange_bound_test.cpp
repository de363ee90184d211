// What a server's choice of a group may cost the one thread that makes all looks.
#include <gmock/gmock.h>
#include <openssl/evp.h>

#include "agent/probes/tls/tls_handshake.h"
#include "tests/agent/probes/tls/memory_server.h"

namespace muster::tls {
namespace {

using test::MemoryServer;
using test::ServedCertificate;
using test::talk;

using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslDeleter<EVP_PKEY_CTX_free>>;

EvpPkeyPtr group_of(const char* name) {
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  EVP_PKEY* group = nullptr;
  EXPECT_EQ(EVP_PKEY_paramgen_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_group_name(context.get(), name), 1);
  EXPECT_EQ(EVP_PKEY_paramgen(context.get(), &group), 1);
  return EvpPkeyPtr(group);
}

ServedCertificate of_rsa() {
  ServedCertificate served{.chain = {}, .key = muster::test::make_rsa_key(1024)};
  served.chain = {muster::test::certificate_der(
      muster::test::self_signed({.common_name = "www.example.org"}, served.key.get()).get())};
  return served;
}

TEST(KeyExchangeBound, AGroupOfTls12HasAtMost4096Bits) {
  const ServedCertificate served = of_rsa();
  const TlsQuestion question;
  for (const char* name : {"ffdhe4096", "ffdhe6144"}) {
    MemoryServer server(served, {.highest = TLS1_2_VERSION, .prepare = [name](SSL_CTX* context) {
                                   SSL_CTX_set_cipher_list(context, "kDHE");
                                   SSL_CTX_set0_tmp_dh_pkey(context, group_of(name).release());
                                 }});
    TlsHandshake handshake(question);
    const TlsConversation told = talk(handshake, server);
    if (std::string_view(name) == "ffdhe4096") {
      EXPECT_EQ(told.answer, v1::TLS_ANSWER_COMPLETED) << told.detail;
    } else {
      EXPECT_EQ(told.answer, v1::TLS_ANSWER_TOO_LARGE);
      EXPECT_EQ(told.detail, "its Diffie-Hellman group has more than 4096 bits");
    }
  }
}

TEST(KeyExchangeBound, LargerGroupsOfTls13AreNotOffered) {
  const ServedCertificate served = of_rsa();
  const TlsQuestion question;
  for (const char* name : {"ffdhe4096", "ffdhe6144", "ffdhe8192"}) {
    MemoryServer server(served, {.prepare = [name](SSL_CTX* context) {
                          EXPECT_EQ(SSL_CTX_set1_groups_list(context, name), 1);
                        }});
    TlsHandshake handshake(question);
    EXPECT_EQ(talk(handshake, server).answer, std::string_view(name) == "ffdhe4096"
                                                  ? v1::TLS_ANSWER_COMPLETED
                                                  : v1::TLS_ANSWER_ALERT)
        << name;
  }
}

}  // namespace
}  // namespace muster::tls
