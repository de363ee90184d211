#include "agent/probes/tls/client_certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/agent/probes/tls/conversation_world.h"
#include "tests/agent/probes/tls/tls_server.h"
#include "tests/common/certificate_maker.h"

namespace muster::tls {
namespace {

using test::ConversationWorld;
using test::ServerSpec;
using test::TlsServer;
using testing::HasSubstr;
using testing::Not;

class ClientCertificateTest : public ConversationWorld {
 protected:
  std::string certificate_pem(EVP_PKEY* key) {
    return muster::test::certificate_pem(
        muster::test::self_signed({.extended_key_usages = {"clientAuth"}}, key).get());
  }
  static std::string complaint(const std::string& certificates, const std::string& key) {
    const auto certificate = ClientCertificate::from_pem(certificates, key);
    return certificate.ok() ? "" : std::string(certificate.status().message());
  }

  const EvpPkeyPtr key_ = muster::test::make_key();
  const std::string pem_ = certificate_pem(key_.get());
  const std::string key_pem_ = muster::test::key_pem(key_.get());
};

TEST_F(ClientCertificateTest, IsShownToAServerThatRequiresOne) {
  auto certificate = ClientCertificate::from_pem(pem_, key_pem_);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsServer server(io, test::make_served({"DNS:a.example"}),
                     {.highest = version, .client = ServerSpec::Client::kRequired});
    EXPECT_EQ(ask(server.endpoint()).answer, v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED);
    EXPECT_EQ(server.completed(), 0);
    const TlsConversation told = ask(server.endpoint(), {.client_certificate = &*certificate});
    EXPECT_EQ(told.answer, v1::TLS_ANSWER_COMPLETED) << told.detail;
    EXPECT_EQ(server.completed(), 1) << version;
  }
}

TEST_F(ClientCertificateTest, MayHaveItsIssuersBehindIt) {
  std::string chain = pem_;
  for (size_t i = 0; i < ClientCertificate::kMostIssuers; ++i)
    chain += pem_;
  EXPECT_EQ(complaint(chain, key_pem_), "");
  EXPECT_THAT(complaint(chain + pem_, key_pem_), HasSubstr("more than 16 certificates"));
}

TEST_F(ClientCertificateTest, IsNoneWithoutItsKeyAndTheReasonShowsNothingOfThem) {
  const EvpPkeyPtr other = muster::test::make_key();
  for (const auto& [certificates, key, said] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"", key_pem_, "is no PEM certificate"},
           {key_pem_, key_pem_, "is no PEM certificate"},
           {pem_, "", "is no PEM key"},
           {pem_, pem_, "is no PEM key"},
           {pem_, muster::test::key_pem(other.get()), "is another one's"}}) {
    EXPECT_THAT(complaint(certificates, key), HasSubstr(said));
    EXPECT_THAT(complaint(certificates, key), Not(HasSubstr("BEGIN")));
  }
}

}  // namespace
}  // namespace muster::tls
