#include "agent/probes/tls/staple.h"

#include <gmock/gmock.h>
#include <openssl/x509v3.h>

#include "common/text.h"
#include "tests/agent/probes/tls/test_ocsp.h"
#include "tests/common/damaged_bytes.h"

namespace muster::tls {
namespace {

using test::Identity;
using test::make_authority;
using test::make_leaf;
using test::make_ocsp_response;

class StapleTest : public testing::Test {
 protected:
  Identity delegate(const std::string& usage, const Identity& by) const {
    return make_leaf("ocsp.example.org", by, {{NID_ext_key_usage, usage}});
  }

  OcspWord read(const std::string& response, const TrustStore* store = nullptr) const {
    return read_ocsp_response(response, chain, store);
  }
  std::string error_of(const std::string& response) const {
    const OcspWord word = read(response);
    EXPECT_EQ(word.said.status(), v1::REVOCATION_UNSPECIFIED);
    EXPECT_FALSE(word.said.has_this_update());
    return word.said.error();
  }

  Identity root = make_authority("Example Root");
  Identity issuing = make_authority("Example Issuing", &root);
  Identity leaf = make_leaf("www.example.org", issuing);
  test::OcspEntry good{.leaf = &leaf, .issuer = &issuing};
  test::OcspEntry revoked{.leaf = &leaf, .issuer = &issuing, .status = V_OCSP_CERTSTATUS_REVOKED};
  std::vector<std::string> chain = test::ders_of({&leaf, &issuing});
};

TEST_F(StapleTest, OfTheIssuerSaysWhatItSaysAndSinceWhen) {
  const OcspWord word = read(make_ocsp_response({good}, issuing));
  EXPECT_EQ(word.said.error(), "");
  EXPECT_EQ(word.said.status(), v1::REVOCATION_GOOD);
  EXPECT_EQ(word.said.this_update().seconds(), test::kThisUpdate);
  EXPECT_EQ(word.said.next_update().seconds(), test::kNextUpdate);
  EXPECT_FALSE(word.revoked_at.has_value());
}

TEST_F(StapleTest, ThatItWasRevokedAndWhen) {
  const OcspWord word = read(make_ocsp_response({revoked}, issuing));
  EXPECT_EQ(word.said.status(), v1::REVOCATION_REVOKED);
  ASSERT_TRUE(word.revoked_at.has_value());
  EXPECT_EQ(word.revoked_at->seconds(), test::kRevokedAt);
  // Whatever else is said of it.
  EXPECT_EQ(read(make_ocsp_response({good, revoked}, issuing)).said.status(),
            v1::REVOCATION_REVOKED);
  EXPECT_EQ(read(make_ocsp_response({revoked, good}, issuing)).said.status(),
            v1::REVOCATION_REVOKED);
}

TEST_F(StapleTest, ThatTheResponderDoesNotKnowIt) {
  test::OcspEntry unknown = good;
  unknown.status = V_OCSP_CERTSTATUS_UNKNOWN;
  unknown.has_next_update = false;
  const OcspWord word = read(make_ocsp_response({unknown}, issuing));
  EXPECT_EQ(word.said.status(), v1::REVOCATION_UNKNOWN);
  EXPECT_EQ(word.said.error(), "");
  EXPECT_FALSE(word.said.has_next_update());
}

TEST_F(StapleTest, OfLongAgoOrTomorrowIsReadAllTheSame) {
  for (const int64_t time : {int64_t{946'684'800}, int64_t{4'102'444'800}}) {
    good.this_update = time;
    EXPECT_EQ(read(make_ocsp_response({good}, issuing)).said.this_update().seconds(), time);
  }
}

TEST_F(StapleTest, AnIdOfAnotherDigestIsTheSameCertificate) {
  good.digest = EVP_sha256();
  EXPECT_EQ(read(make_ocsp_response({good}, issuing)).said.status(), v1::REVOCATION_GOOD);
}

TEST_F(StapleTest, WhomTheIssuerAppointedMaySign) {
  const Identity responder = delegate("OCSPSigning", issuing);
  EXPECT_EQ(read(make_ocsp_response({good}, responder, true)).said.status(), v1::REVOCATION_GOOD);
  EXPECT_EQ(error_of(make_ocsp_response({good}, responder, false)),
            "who signed it is neither the certificate's issuer nor in it");
}

// Dates count for nothing here: that it ended long ago is for whoever knows the time.
TEST_F(StapleTest, CountsNoLongerThanTheCertificateOfItsSigner) {
  const auto until = [&](int days, const test::OcspEntry& entry) {
    const Identity responder =
        test::make_identity({.name = "ocsp.example.org",
                             .extensions = {{NID_ext_key_usage, "OCSPSigning"}},
                             .from = days - 30,
                             .until = days},
                            &issuing);
    const OcspWord word = read(make_ocsp_response({entry}, responder, true));
    EXPECT_EQ(word.said.error(), "");
    const auto end = X509_get0_notAfter(responder.certificate.get());
    std::tm parts{};
    ASN1_TIME_to_tm(end, &parts);
    return std::pair(word.said.next_update().seconds(), static_cast<int64_t>(timegm(&parts)));
  };
  const auto [ended, end_of_signer] = until(-3650, good);
  EXPECT_EQ(ended, end_of_signer);
  const auto [as_it_says, much_later] = until(36500, good);
  EXPECT_EQ(as_it_says, test::kNextUpdate);
  EXPECT_LT(as_it_says, much_later);
  good.has_next_update = false;
  const auto [unsaid, end] = until(-3650, good);
  EXPECT_EQ(unsaid, end);
}

TEST_F(StapleTest, NobodyElseMaySign) {
  const Identity not_for_ocsp = delegate("serverAuth", issuing);
  EXPECT_EQ(error_of(make_ocsp_response({good}, not_for_ocsp, true)),
            "who signed it has a certificate of the issuer that is not for OCSP");
  // The root signed the issuer, and has no say in what that one issued.
  EXPECT_EQ(error_of(make_ocsp_response({good}, root, true)),
            "who signed it was not appointed by the certificate's issuer");
  const Identity of_root = delegate("OCSPSigning", root);
  EXPECT_EQ(error_of(make_ocsp_response({good}, of_root, true)),
            "who signed it was not appointed by the certificate's issuer");
  const Identity stranger = make_authority("Example Issuing");
  EXPECT_EQ(error_of(make_ocsp_response({good}, stranger, true)), "its signature is wrong");
  EXPECT_NE(error_of(make_ocsp_response({good}, leaf, true)), "");
}

TEST_F(StapleTest, AboutAnotherCertificateSaysNothing) {
  const Identity other = test::make_identity({.name = "other.example.org", .serial = 43}, &issuing);
  EXPECT_EQ(error_of(make_ocsp_response({{.leaf = &other, .issuer = &issuing}}, issuing)),
            "it is about another certificate");
  // Of the same serial by another issuer.
  const Identity elsewhere = make_leaf("elsewhere.example.org", root);
  EXPECT_NE(error_of(make_ocsp_response({{.leaf = &elsewhere, .issuer = &root}}, issuing)), "");
}

TEST_F(StapleTest, AWrongSignatureSaysNothing) {
  std::string response = make_ocsp_response({good}, issuing);
  response.back() = static_cast<char>(response.back() ^ 1);
  EXPECT_EQ(error_of(response), "its signature is wrong");
}

TEST_F(StapleTest, ARefusalSaysNothing) {
  EXPECT_EQ(error_of(test::make_ocsp_refusal(OCSP_RESPONSE_STATUS_TRYLATER)),
            "the responder said to try later");
  EXPECT_EQ(error_of(test::make_ocsp_refusal(OCSP_RESPONSE_STATUS_UNAUTHORIZED)),
            "the responder does not answer for this certificate");
  EXPECT_EQ(error_of(test::make_ocsp_refusal(OCSP_RESPONSE_STATUS_INTERNALERROR)),
            "the responder had an internal error");
  EXPECT_EQ(error_of(test::make_ocsp_refusal(OCSP_RESPONSE_STATUS_SIGREQUIRED)),
            "the responder wants signed requests");
}

TEST_F(StapleTest, WithoutTheIssuerNobodyCanCheckIt) {
  const std::string response = make_ocsp_response({good}, issuing);
  chain.pop_back();
  EXPECT_EQ(error_of(response),
            "the certificate's issuer, who would have signed it, was not served");
  const absl::StatusOr<TrustStore> store = TrustStore::from_bundle(issuing.pem());
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(read(response, &*store).said.status(), v1::REVOCATION_GOOD);
}

TEST_F(StapleTest, WhatIsNoResponseIsNotRead) {
  const std::string response = make_ocsp_response({good}, issuing);
  EXPECT_EQ(error_of("garbage"), "it cannot be decoded");
  EXPECT_EQ(error_of(""), "it cannot be decoded");
  EXPECT_EQ(error_of(response + "x"), "it cannot be decoded");
  EXPECT_EQ(error_of(std::string(kLargestOcspResponse, '0')), "it cannot be decoded");
  EXPECT_EQ(error_of(std::string(kLargestOcspResponse + 1, '0')), "it is larger than 64 KiB");
}

TEST_F(StapleTest, WhatItMakesKnownOfTheLeaf) {
  EXPECT_EQ(revocation_by_staple("", chain, nullptr).status, v1::REVOCATION_UNSPECIFIED);
  const RevocationAnswer fine =
      revocation_by_staple(make_ocsp_response({good}, issuing), chain, nullptr);
  EXPECT_EQ(fine.status, v1::REVOCATION_GOOD);
  EXPECT_EQ(fine.detail, "by the staple");
  const RevocationAnswer bad =
      revocation_by_staple(make_ocsp_response({revoked}, issuing), chain, nullptr);
  EXPECT_EQ(bad.status, v1::REVOCATION_REVOKED);
  EXPECT_TRUE(bad.revoked_at.has_value());
  const RevocationAnswer none = revocation_by_staple("garbage", chain, nullptr);
  EXPECT_EQ(none.status, v1::REVOCATION_UNKNOWN);
  EXPECT_EQ(none.detail, "of the staple: it cannot be decoded");
}

TEST_F(StapleTest, AnyBytesSayAStatusOrWhyNot) {
  const std::string response =
      make_ocsp_response({good, revoked}, delegate("OCSPSigning", issuing), true);
  std::mt19937 random(20261122);
  for (int i = 0; i < 2'000; ++i) {
    const OcspWord word = read(muster::test::damaged(response, random));
    ASSERT_EQ(word.said.error().empty(), word.said.status() != v1::REVOCATION_UNSPECIFIED) << i;
    ASSERT_NE(word.said.status(), v1::REVOCATION_GOOD) << i;
  }
}

}  // namespace
}  // namespace muster::tls
