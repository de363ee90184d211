#include "collector/identity/reenrolment_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/identity/certificate_authority.h"
#include "collector/identity/certificate_builder.h"
#include "collector/identity/certificate_generation.h"
#include "tests/collector/reenrolments.h"

namespace muster::collector {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;
using testing::HasSubstr;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
constexpr Duration kLifetime = std::chrono::days(7);
constexpr Duration kGrace = std::chrono::days(30);
const std::string web1_id = "0123456789abcdef0123456789abcdef";

KeyPair make_pair(const std::string& trust_domain = "muster.test") {
  return *CertificateAuthority::generate(trust_domain, kNow - std::chrono::days(100));
}

class ReenrolmentProof : public testing::Test {
 protected:
  absl::StatusOr<ClientCertificate> check(const v1::ReenrolRequest& request, TimePoint now = kNow,
                                          Duration grace = kGrace) {
    return check_reenrolment(
        request, {.ca_certificates = roots_, .trust_domain = "muster.test", .grace = grace}, now);
  }

  v1::ReenrolRequest request_with(const std::string& certificate) {
    return make_reenrolment(make_signing_request(), certificate, old_.key_pem);
  }

  std::string issue(TimePoint now, uint64_t generation = 3) {
    return *authority_.issue_client(old_.pem, web1_id, generation, now, kLifetime);
  }

  KeyPair pair_ = make_pair();
  CertificateAuthority authority_ = *CertificateAuthority::load(pair_, "muster.test");
  std::string roots_ = pair_.certificate;
  SigningRequest old_ = make_signing_request();
  // Ended two days ago.
  std::string expired_ = issue(kNow - std::chrono::days(9));
};

TEST_F(ReenrolmentProof, TellsTheHostAndTheGenerationOfAnExpiredCertificate) {
  const auto host = check(request_with(expired_));
  ASSERT_TRUE(host.ok()) << host.status();
  EXPECT_EQ(host->host_id, web1_id);
  EXPECT_EQ(host->identity.generation, 3u);
  EXPECT_EQ(host->identity.key_sha256, public_key_sha256(key_from_pem(old_.key_pem).get()));
  EXPECT_EQ(host->not_after, kNow - std::chrono::days(2));
}

TEST_F(ReenrolmentProof, IsTakenWhileTheCertificateStillHolds) {
  EXPECT_TRUE(check(request_with(issue(kNow))).ok());
}

TEST_F(ReenrolmentProof, IsTakenUntilTheGraceEnds) {
  const v1::ReenrolRequest request = request_with(expired_);
  const TimePoint end = kNow - std::chrono::days(2);
  EXPECT_TRUE(check(request, end + kGrace).ok());
  const auto late = check(request, end + kGrace + 1s);
  EXPECT_TRUE(absl::IsPermissionDenied(late.status()));
  EXPECT_THAT(late.status().message(), HasSubstr("muster-agent enroll"));
  EXPECT_THAT(late.status().message(), HasSubstr("reenroll_grace"));
  EXPECT_THAT(std::string(late.status().message()), ContainsRegex("ended at 20[0-9-]+T[0-9:]+Z,"));
  EXPECT_TRUE(check(request, end, Duration(0)).ok());
  EXPECT_FALSE(check(request, end + 1s, Duration(0)).ok());
}

TEST_F(ReenrolmentProof, IsTakenByEachOfTheRoots) {
  const KeyPair other = make_pair();
  roots_ = other.certificate + roots_;
  EXPECT_TRUE(check(request_with(expired_)).ok());
  roots_ = other.certificate;
  EXPECT_FALSE(check(request_with(expired_)).ok());
}

TEST_F(ReenrolmentProof, IsTakenOfEveryKindOfKeyThatGetsACertificate) {
  for (EVP_PKEY* made : {EVP_EC_gen("P-256"), EVP_EC_gen("P-384"), EVP_RSA_gen(2048),
                         EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")}) {
    const EvpPkeyPtr key(made);
    old_ = {.pem = make_request(key.get(), key.get()), .key_pem = key_to_pem(key.get())};
    const auto host = check(request_with(issue(kNow - std::chrono::days(9))));
    EXPECT_TRUE(host.ok()) << EVP_PKEY_get0_type_name(key.get()) << ": " << host.status();
  }
}

// A stranger must not learn from the answer how near he came.
TEST_F(ReenrolmentProof, SaysTheSameToWhoeverProvesNothing) {
  const auto refused = [this](const v1::ReenrolRequest& request, const char* what) {
    const auto host = check(request);
    EXPECT_TRUE(absl::IsPermissionDenied(host.status())) << what << ": " << host.status();
    EXPECT_THAT(host.status().message(), HasSubstr("does not prove")) << what;
    EXPECT_THAT(host.status().message(), HasSubstr("muster-agent enroll")) << what;
  };
  const v1::ReenrolRequest good = request_with(expired_);

  v1::ReenrolRequest request = good;
  request.set_signature("");
  refused(request, "no signature");
  request.set_signature(std::string(72, 'x'));
  refused(request, "no signature in its form");
  request = good;
  request.set_certificate_signing_request(make_signing_request().pem);
  refused(request, "a signature over another request");
  request = good;
  request.mutable_certificate_signing_request()->append("\n");
  refused(request, "a signature over other bytes");
  refused(make_reenrolment(make_signing_request(), expired_, make_signing_request().key_pem),
          "a signature by another key");

  const CertificateAuthority foreign = *CertificateAuthority::load(make_pair(), "muster.test");
  refused(request_with(*foreign.issue_client(old_.pem, web1_id, 3, kNow, kLifetime)),
          "the same names, of a foreign CA");
  const CertificateAuthority same_key_other_domain =
      *CertificateAuthority::load(pair_, "other.test");
  refused(request_with(*same_key_other_domain.issue_client(old_.pem, web1_id, 3, kNow, kLifetime)),
          "another trust domain");
  refused(request_with(issue(kNow + std::chrono::days(2))), "not yet valid");
  const KeyPair server = *authority_.issue_server({"collector.test"}, kNow, kLifetime);
  refused(make_reenrolment(make_signing_request(), server.certificate, server.key),
          "a server's certificate");
  refused(make_reenrolment(make_signing_request(), pair_.certificate, pair_.key),
          "the CA's own certificate");
}

TEST_F(ReenrolmentProof, IsNotGivenByACertificateOfAnotherForm) {
  const KeyPair ca = pair_;
  const BioPtr bio = memory_bio(ca.certificate);
  const X509Ptr issuer(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  const EvpPkeyPtr issuer_key = key_from_pem(ca.key);
  const EvpPkeyPtr key = key_from_pem(old_.key_pem);
  const std::string ours = "URI:spiffe://muster.test/host/" + web1_id;
  const auto issue_with = [&](CertificateUsage usage, const std::vector<std::string>& names) {
    const auto certificate = build_certificate({.common_name = web1_id,
                                                .generation = 3,
                                                .usage = usage,
                                                .alternative_names = names,
                                                .not_before = kNow - std::chrono::days(9),
                                                .not_after = kNow - std::chrono::days(2)},
                                               key.get(), issuer.get(), issuer_key.get());
    return *to_pem(certificate->get());
  };
  EXPECT_TRUE(check(request_with(issue_with(CertificateUsage::kClient, {ours}))).ok());
  EXPECT_FALSE(check(request_with(issue_with(CertificateUsage::kServer, {ours}))).ok());
  EXPECT_FALSE(check(request_with(issue_with(CertificateUsage::kClient, {}))).ok());
  EXPECT_FALSE(check(request_with(issue_with(CertificateUsage::kClient, {"DNS:web1"}))).ok());
  EXPECT_FALSE(check(request_with(issue_with(CertificateUsage::kClient, {ours, ours + "0"}))).ok());
  EXPECT_FALSE(check(request_with(issue_with(CertificateUsage::kClient, {ours + "0"}))).ok());
}

TEST_F(ReenrolmentProof, SaysWhatHasNotTheFormOfWhatItIs) {
  v1::ReenrolRequest request = request_with(expired_);
  request.set_certificate("");
  EXPECT_TRUE(absl::IsInvalidArgument(check(request).status()));
  request.set_certificate(old_.pem);
  EXPECT_TRUE(absl::IsInvalidArgument(check(request).status()));
  request.set_certificate(expired_ + std::string(16 * 1024, '\n'));
  EXPECT_THAT(check(request).status().message(), HasSubstr("larger than 16384 bytes"));
  request = request_with(expired_);
  request.set_signature(std::string(1025, 'x'));
  EXPECT_THAT(check(request).status().message(), HasSubstr("larger than 1024 bytes"));
  request.set_signature(std::string(1024, 'x'));
  EXPECT_TRUE(absl::IsPermissionDenied(check(request).status()));
}

TEST_F(ReenrolmentProof, IsNotGivenByACertificateWhoseKeyCannotBeRead) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(parse_certificate(expired_)->get(), &bytes);
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  // id-ecPublicKey, which becomes an algorithm that does not exist.
  const std::string algorithm = "\x2a\x86\x48\xce\x3d\x02\x01";
  const size_t at = der.find(algorithm);
  ASSERT_NE(at, std::string::npos);
  der[at + algorithm.size() - 1] = '\x7f';
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  const X509Ptr certificate(d2i_X509(nullptr, &data, size));
  ASSERT_NE(certificate, nullptr);
  EXPECT_FALSE(read_client_certificate(certificate.get(), "muster.test").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(check(request_with(*to_pem(certificate.get()))).status()));
}

// The agent is not at fault there.
TEST_F(ReenrolmentProof, IsAFailureOfOursWhereThereAreNoRoots) {
  roots_ = "";
  EXPECT_TRUE(absl::IsInternal(check(request_with(expired_)).status()));
}

}  // namespace
}  // namespace muster::collector
