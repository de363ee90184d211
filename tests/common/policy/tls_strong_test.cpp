// tls_strong: versions, keys and signatures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/policy/served_of_both.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kShop = "shop.example.org";

TEST(TlsStrong, FindsOldVersionsShortKeysAndOldHashes) {
  struct Case {
    std::vector<std::string> versions;
    std::vector<std::string> not_asked;
    std::string key_type;
    uint32_t key_bits;
    std::string signature;
    bool self_signed;
    v1::Status status;
    std::string reason;
  };
  const std::vector<std::string> modern = {"TLSv1.2", "TLSv1.3"};
  const std::string sha256 = "sha256WithRSAEncryption";
  const std::string good = "takes nothing older than TLSv1.2, key ";
  const std::vector<Case> cases = {
      {modern, {}, "RSA", 2048, sha256, false, v1::STATUS_PASS, good + "RSA 2048"},
      {modern,
       {},
       "RSA",
       2047,
       sha256,
       false,
       v1::STATUS_FAIL,
       "the key of shop.example.org has only 2047 bits (RSA)"},
      {modern, {}, "EC", 224, sha256, false, v1::STATUS_PASS, good + "EC 224"},
      {modern,
       {},
       "EC",
       192,
       sha256,
       false,
       v1::STATUS_FAIL,
       "the key of shop.example.org has only 192 bits (EC)"},
      {modern, {}, "ED25519", 253, "ED25519", false, v1::STATUS_PASS, good + "ED25519 253"},
      {modern,
       {},
       "",
       0,
       sha256,
       false,
       v1::STATUS_UNKNOWN,
       "the key of shop.example.org could not be read"},
      {modern,
       {},
       "RSA",
       2048,
       "sha1WithRSAEncryption",
       false,
       v1::STATUS_FAIL,
       "shop.example.org is signed by sha1WithRSAEncryption"},
      {modern,
       {},
       "EC",
       256,
       "ecdsa-with-SHA1",
       false,
       v1::STATUS_FAIL,
       "shop.example.org is signed by ecdsa-with-SHA1"},
      {modern, {}, "RSA", 2048, "md5WithRSAEncryption", true, v1::STATUS_PASS, good + "RSA 2048"},
      {{"TLSv1", "TLSv1.2"}, {}, "RSA", 2048, sha256, false, v1::STATUS_FAIL, "takes TLSv1"},
      {{"TLSv1.1", "TLSv1.2"},
       {},
       "RSA",
       1024,
       sha256,
       false,
       v1::STATUS_FAIL,
       "takes TLSv1.1; the key of shop.example.org has only 1024 bits (RSA)"},
      {{"SSLv3"}, {}, "RSA", 2048, sha256, false, v1::STATUS_FAIL, "takes SSLv3"},
      {{"TLSv1.3"}, {"TLSv1.2"}, "RSA", 2048, sha256, false, v1::STATUS_PASS, good + "RSA 2048"},
      {{"TLSv1.3"},
       {"TLSv1.1"},
       "RSA",
       2048,
       sha256,
       false,
       v1::STATUS_UNKNOWN,
       "TLSv1.1 was not asked for yet"},
      // What is weak is so whatever else was not asked.
      {{"TLSv1.3"},
       {"TLSv1"},
       "RSA",
       512,
       sha256,
       false,
       v1::STATUS_FAIL,
       "the key of shop.example.org has only 512 bits (RSA)"},
      {{},
       {},
       "RSA",
       2048,
       sha256,
       false,
       v1::STATUS_UNKNOWN,
       "which versions it takes was not asked yet"},
  };
  for (const Case& c : cases) {
    v1::TlsService service = service_for(kShop);
    service.mutable_versions()->Assign(c.versions.begin(), c.versions.end());
    service.mutable_versions_not_asked()->Assign(c.not_asked.begin(), c.not_asked.end());
    v1::Certificate leaf = leaf_for(kShop);
    leaf.set_key_type(c.key_type);
    leaf.set_key_bits(c.key_bits);
    leaf.set_signature_algorithm(c.signature);
    leaf.set_self_signed(c.self_signed);
    const OfBoth found = of_both(control_of("tls_strong"), service, chain_with({leaf}));
    EXPECT_EQ(found.status, c.status) << c.reason;
    EXPECT_EQ(found.reason, c.reason);
  }
}

TEST(TlsStrong, HasItsLimitsFromThePolicyAndVersionsOfASocketFromAnyNameOfIt) {
  Control control = control_of("tls_strong");
  control.parameters = {{"minimum_version", 1.3}, {"minimum_rsa_bits", int64_t{3072}}};
  v1::TlsService service = service_for(kShop);
  EXPECT_EQ(of_both(control, service, chain_with({leaf_for(kShop)})).reason,
            "takes TLSv1.2; the key of shop.example.org has only 2048 bits (RSA)");
  v1::ListenerFacts facts = serving(service, chain_with({leaf_for(kShop)}));
  v1::TlsService& other = *facts.mutable_listeners(0)->add_services();
  other = service_for("other.example.org");
  other.clear_versions();
  EXPECT_THAT(lines(judge_host(control_of("tls_strong"), facts)),
              ElementsAre(HasSubstr("443/other.example.org | pass"),
                          HasSubstr("443/shop.example.org | pass")));
  facts.mutable_listeners(0)->mutable_services(0)->set_versions(0, "TLSv1");
  EXPECT_THAT(lines(judge_host(control_of("tls_strong"), facts)),
              ElementsAre(HasSubstr("443/other.example.org | fail"),
                          HasSubstr("443/shop.example.org | fail")));
}

}  // namespace
}  // namespace muster::policy
