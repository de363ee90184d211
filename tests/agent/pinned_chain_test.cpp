#include "agent/identity/pinned_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/output/status_text.h"
#include "tests/agent/test_certificates.h"

namespace muster::agent {
namespace {

using ::testing::HasSubstr;

struct FreeChain {
  void operator()(STACK_OF(X509) * chain) const { sk_X509_free(chain); }
};
using ChainPtr = std::unique_ptr<STACK_OF(X509), FreeChain>;

ChainPtr chain_of(std::initializer_list<const TestCertificate*> certificates) {
  ChainPtr chain(sk_X509_new_null());
  for (const TestCertificate* certificate : certificates)
    sk_X509_push(chain.get(), certificate->certificate.get());
  return chain;
}

std::string complaint(const ChainPtr& chain, const std::string& pin, const std::string& host) {
  const absl::Status status = check_pinned_chain(chain.get(), pin, host);
  EXPECT_TRUE(status.ok() || absl::IsPermissionDenied(status)) << status;
  return std::string(text_of(status));
}

class PinnedChain : public ::testing::Test {
 protected:
  const TestCertificate ca_ = make_certificate("fleet CA", nullptr, "");
  const TestCertificate server_ =
      make_certificate("collector", &ca_, "DNS:collector.example.org,IP:192.0.2.1,IP:::1");
};

TEST_F(PinnedChain, AcceptsTheCollectorByNameAndByBothKindsOfAddress) {
  const ChainPtr chain = chain_of({&server_, &ca_});
  for (const char* host : {"collector.example.org", "192.0.2.1", "::1"})
    EXPECT_EQ(complaint(chain, ca_.sha256(), host), "") << host;
}

TEST_F(PinnedChain, RefusesAnotherName) {
  const ChainPtr chain = chain_of({&server_, &ca_});
  EXPECT_THAT(complaint(chain, ca_.sha256(), "other.example.org"), HasSubstr("hostname mismatch"));
  EXPECT_THAT(complaint(chain, ca_.sha256(), "192.0.2.2"), HasSubstr("IP address mismatch"));
}

TEST_F(PinnedChain, RefusesAChainWithoutThePinnedCa) {
  const TestCertificate other = make_certificate("fleet CA", nullptr, "");
  const char* words = "presents no CA certificate with the SHA-256";
  EXPECT_THAT(complaint(chain_of({&server_, &ca_}), other.sha256(), "192.0.2.1"), HasSubstr(words));
  EXPECT_THAT(complaint(chain_of({&server_}), ca_.sha256(), "192.0.2.1"), HasSubstr(words));
  EXPECT_THAT(complaint(chain_of({}), ca_.sha256(), "192.0.2.1"), HasSubstr(words));
  EXPECT_THAT(complaint(nullptr, ca_.sha256(), "192.0.2.1"), HasSubstr(words));
  // The leaf itself is no CA, so that its fingerprint pins nothing.
  EXPECT_THAT(complaint(chain_of({&server_, &ca_}), server_.sha256(), "192.0.2.1"),
              HasSubstr(words));
}

TEST_F(PinnedChain, RefusesALeafThatThePinnedCaDidNotSign) {
  const TestCertificate other_ca = make_certificate("fleet CA", nullptr, "");
  const TestCertificate impostor = make_certificate("collector", &other_ca, "IP:192.0.2.1");
  EXPECT_THAT(complaint(chain_of({&impostor, &ca_}), ca_.sha256(), "192.0.2.1"),
              HasSubstr("does not verify against the pinned CA"));
}

TEST_F(PinnedChain, RefusesAnExpiredLeaf) {
  const TestCertificate expired = make_certificate("collector", &ca_, "IP:192.0.2.1", 0);
  EXPECT_THAT(complaint(chain_of({&expired, &ca_}), ca_.sha256(), "192.0.2.1"),
              HasSubstr("certificate has expired"));
}

TEST_F(PinnedChain, ByItsRootsAHostTrustsEachOfThemAndNoOther) {
  const TestCertificate next = make_certificate("fleet CA 2", nullptr, "");
  const TestCertificate by_next = make_certificate("collector", &next, "IP:192.0.2.1");
  const auto complaint_of = [](const ChainPtr& chain, const std::string& roots,
                               const std::string& host) {
    const absl::Status status = check_trusted_chain(chain.get(), roots, host);
    EXPECT_TRUE(status.ok() || absl::IsPermissionDenied(status)) << status;
    return std::string(text_of(status));
  };
  const std::string both = ca_.pem() + next.pem();
  EXPECT_EQ(complaint_of(chain_of({&server_, &ca_}), both, "192.0.2.1"), "");
  EXPECT_EQ(complaint_of(chain_of({&by_next}), both, "192.0.2.1"), "");
  EXPECT_THAT(complaint_of(chain_of({&by_next, &next}), ca_.pem(), "192.0.2.1"),
              HasSubstr("does not verify against the CA certificates that this host trusts"));
  EXPECT_THAT(complaint_of(chain_of({&server_}), both, "192.0.2.2"),
              HasSubstr("IP address mismatch"));
  EXPECT_THAT(complaint_of(chain_of({&server_, &ca_}), "", "192.0.2.1"),
              HasSubstr("does not verify"));
  EXPECT_THAT(complaint_of(chain_of({}), both, "192.0.2.1"), HasSubstr("presents no certificate"));
}

TEST(Fingerprint, ReadsHexWithAndWithoutColons) {
  const std::string plain(64, 'a');
  EXPECT_EQ(parse_fingerprint(plain).value(), std::string(32, '\xaa'));
  EXPECT_EQ(parse_fingerprint(std::string(64, 'A')).value(), std::string(32, '\xaa'));
  std::string colons = "AA";
  for (int i = 1; i < 32; ++i)
    colons += ":AA";
  EXPECT_EQ(parse_fingerprint(colons).value(), std::string(32, '\xaa'));
  for (const std::string& text :
       {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g')}) {
    EXPECT_THAT(std::string(text_of(parse_fingerprint(text).status())), HasSubstr("64 hex digits"));
  }
}

}  // namespace
}  // namespace muster::agent
