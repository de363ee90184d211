#include "collector/identity/certificate_authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "collector/identity/certificate_builder.h"
#include "tests/collector/signing_requests.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
const std::string web1_id = "0123456789abcdef0123456789abcdef";

CertificateAuthority make_authority() {
  const auto pair = CertificateAuthority::generate("muster.test", kNow);
  EXPECT_TRUE(pair.ok()) << pair.status();
  auto authority = CertificateAuthority::load(*pair, "muster.test");
  EXPECT_TRUE(authority.ok()) << authority.status();
  return *std::move(authority);
}

X509Ptr parse(const std::string& pem) {
  const BioPtr bio = memory_bio(pem);
  return X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

std::string print(const std::string& pem) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_print(bio.get(), parse(pem).get());
  return bio_content(bio.get());
}

int verify(const CertificateAuthority& authority, const std::string& pem, int purpose,
           TimePoint when) {
  const X509StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), parse(authority.certificate_pem()).get());
  using ContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslDeleter<X509_STORE_CTX_free>>;
  const ContextPtr context(X509_STORE_CTX_new());
  const X509Ptr leaf = parse(pem);
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_VERIFY_PARAM_set_time(
      X509_STORE_CTX_get0_param(context.get()),
      std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count());
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

TEST(CertificateAuthority, IsACaForTenYearsThatSignsNothingBelowItsLeaves) {
  const std::string text = print(make_authority().certificate_pem());
  EXPECT_THAT(text, HasSubstr("CA:TRUE, pathlen:0"));
  EXPECT_THAT(text, HasSubstr("Certificate Sign, CRL Sign"));
  EXPECT_THAT(text, HasSubstr("Not After : Jan 12 08:00:00 2037 GMT"));
}

TEST(CertificateAuthority, HasTheSha256ThatOpensslPrints) {
  const CertificateAuthority authority = make_authority();
  std::array<unsigned char, 32> digest{};
  unsigned int size = 0;
  X509_digest(parse(authority.certificate_pem()).get(), EVP_sha256(), digest.data(), &size);
  EXPECT_EQ(authority.sha256().size(), 64u);
  EXPECT_EQ(std::stoul(authority.sha256().substr(0, 2), nullptr, 16), digest[0]);
}

TEST(CertificateAuthority, IssuesServerCertificatesWithNamesAndAddresses) {
  const CertificateAuthority authority = make_authority();
  const auto pair = authority.issue_server({"collector.test", "192.0.2.1", "2001:db8::1"}, kNow,
                                           std::chrono::days(365));
  ASSERT_TRUE(pair.ok()) << pair.status();
  const std::string text = print(pair->certificate);
  EXPECT_THAT(text, HasSubstr("DNS:collector.test, IP Address:192.0.2.1, "
                              "IP Address:2001:DB8:0:0:0:0:0:1"));
  EXPECT_THAT(text, HasSubstr("TLS Web Server Authentication"));
  EXPECT_THAT(text, Not(HasSubstr("TLS Web Client Authentication")));
  EXPECT_EQ(verify(authority, pair->certificate, X509_PURPOSE_SSL_SERVER, kNow), X509_V_OK);
  EXPECT_NE(verify(authority, pair->certificate, X509_PURPOSE_SSL_CLIENT, kNow), X509_V_OK);
}

TEST(CertificateAuthority, RefusesServerNamesThatCouldSmuggleOthers) {
  const CertificateAuthority authority = make_authority();
  for (const char* name : {"", "a,DNS:b", "a b", "email:copy", "-a", "DNS:a", "a\nb"}) {
    EXPECT_FALSE(authority.issue_server({name}, kNow, std::chrono::days(1)).ok()) << name;
  }
  EXPECT_FALSE(authority.issue_server({}, kNow, std::chrono::days(1)).ok());
}

TEST(CertificateAuthority, IssuesClientCertificatesThatCarryTheHostIdAndStartADayEarly) {
  const CertificateAuthority authority = make_authority();
  const auto certificate =
      authority.issue_client(make_signing_request().pem, web1_id, 1, kNow, std::chrono::days(7));
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  const std::string text = print(*certificate);
  EXPECT_THAT(text, HasSubstr("URI:spiffe://muster.test/host/" + web1_id));
  EXPECT_THAT(text, HasSubstr("TLS Web Client Authentication"));
  EXPECT_THAT(text, HasSubstr("CA:FALSE"));
  EXPECT_THAT(text, Not(HasSubstr("ignored")));
  const int purpose = X509_PURPOSE_SSL_CLIENT;
  EXPECT_EQ(verify(authority, *certificate, purpose, kNow - std::chrono::hours(23)), X509_V_OK);
  EXPECT_EQ(verify(authority, *certificate, purpose, kNow - std::chrono::hours(25)),
            X509_V_ERR_CERT_NOT_YET_VALID);
  EXPECT_EQ(verify(authority, *certificate, purpose, kNow + std::chrono::hours(167)), X509_V_OK);
  EXPECT_EQ(verify(authority, *certificate, purpose, kNow + std::chrono::hours(169)),
            X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST(CertificateAuthority, RefusesHostIdsThatAreNone) {
  const CertificateAuthority authority = make_authority();
  for (const std::string& id :
       {std::string(), std::string(32, 'g'), std::string(31, 'a'), web1_id + ",URI:x"}) {
    EXPECT_FALSE(
        authority.issue_client(make_signing_request().pem, id, 1, kNow, std::chrono::days(7)).ok())
        << id;
  }
}

TEST(CertificateAuthority, AcceptsTheKeysOfTheContractAndRefusesOthers) {
  const CertificateAuthority authority = make_authority();
  const auto issue = [&authority](EVP_PKEY* key, EVP_PKEY* signer) {
    return authority.issue_client(make_request(key, signer), web1_id, 1, kNow,
                                  std::chrono::days(7));
  };
  struct Case {
    const char* what;
    EvpPkeyPtr key;
    bool accepted;
  };
  Case cases[] = {
      {"P-256", EvpPkeyPtr(EVP_EC_gen("P-256")), true},
      {"P-384", EvpPkeyPtr(EVP_EC_gen("P-384")), true},
      {"Ed25519", EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")), true},
      {"RSA 2048", EvpPkeyPtr(EVP_RSA_gen(2048)), true},
      {"RSA 1024", EvpPkeyPtr(EVP_RSA_gen(1024)), false},
      {"secp256k1", EvpPkeyPtr(EVP_EC_gen("secp256k1")), false},
      {"P-521", EvpPkeyPtr(EVP_EC_gen("P-521")), false},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(issue(one.key.get(), one.key.get()).ok(), one.accepted) << one.what;
  }
}

TEST(CertificateAuthority, RefusesRequestsThatDoNotSignThemselves) {
  const CertificateAuthority authority = make_authority();
  const EvpPkeyPtr mine(EVP_EC_gen("P-256"));
  const EvpPkeyPtr other(EVP_EC_gen("P-256"));
  const std::string requests[] = {make_request(other.get(), mine.get()), "", "not PEM",
                                  make_signing_request().pem.substr(0, 200),
                                  std::string(17 * 1024, 'x')};
  for (const std::string& request : requests) {
    const auto result = authority.issue_client(request, web1_id, 1, kNow, std::chrono::days(7));
    EXPECT_TRUE(absl::IsInvalidArgument(result.status())) << result.status();
  }
}

TEST(CertificateAuthority, RefusesToLoadWhatIsNotACaWithItsKey) {
  const auto first = CertificateAuthority::generate("muster.test", kNow);
  const auto second = CertificateAuthority::generate("muster.test", kNow);
  const auto leaf = make_authority().issue_server({"a.test"}, kNow, std::chrono::days(1));
  EXPECT_FALSE(CertificateAuthority::load({first->certificate, second->key}, "muster.test").ok());
  EXPECT_FALSE(CertificateAuthority::load(*leaf, "muster.test").ok());
  EXPECT_FALSE(CertificateAuthority::load({"", ""}, "muster.test").ok());
  EXPECT_FALSE(CertificateAuthority::load(*first, "Not A Domain").ok());
  EXPECT_FALSE(CertificateAuthority::generate("a,URI:b", kNow).ok());
}

TEST(HostIdFromUri, IsReadOnlyFromThisTrustDomain) {
  const auto id = host_id_from_uri("spiffe://muster.test/host/" + web1_id, "muster.test");
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(*id, web1_id);
  for (const std::string& uri :
       {"spiffe://other.test/host/" + web1_id, "spiffe://muster.test/user/" + web1_id,
        "spiffe://muster.test/host/" + web1_id + "/x", std::string("spiffe://muster.test/host/"),
        "spiffe://muster.test/host/0123456789ABCDEF0123456789ABCDEF" + std::string(),
        "https://muster.test/host/" + web1_id}) {
    EXPECT_TRUE(absl::IsNotFound(host_id_from_uri(uri, "muster.test").status())) << uri;
  }
}

}  // namespace
}  // namespace muster::collector
