#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/probes/certificates/certificate_parser.h"
#include "common/timestamp.h"
#include "tests/agent/probes/certificates/key_store_maker.h"

namespace muster {
namespace {

using testing::SizeIs;

class RevocationList : public testing::Test {
 protected:
  const EvpPkeyPtr key_ = test::make_key();
  const X509Ptr issuer_ = test::self_signed({.common_name = "Root"}, key_.get());
};

TEST_F(RevocationList, IsReadFromPemAndDer) {
  const test::RevocationListSpec spec{.revoked = 3, .number = 0x1F2E};
  for (const std::string& bytes : {test::revocation_list_pem(spec, issuer_.get(), key_.get()),
                                   test::revocation_list_der(spec, issuer_.get(), key_.get())}) {
    const ParsedCertificates parsed = parse_certificates(bytes);
    EXPECT_EQ(parsed.error, "");
    EXPECT_THAT(parsed.certificates, SizeIs(0));
    ASSERT_THAT(parsed.revocation_lists, SizeIs(1));
    const v1::RevocationList& list = parsed.revocation_lists[0];
    EXPECT_EQ(list.issuer(), "CN=Root");
    EXPECT_EQ(from_proto(list.this_update()), test::kYear2026);
    EXPECT_EQ(from_proto(list.next_update()), test::kYear2027);
    EXPECT_EQ(list.revoked(), 3U);
    EXPECT_EQ(list.number(), "1f2e");
  }
}

TEST_F(RevocationList, WithoutANextUpdateOrANumberHasNone) {
  const ParsedCertificates parsed = parse_certificates(
      test::revocation_list_pem({.next_update = test::kYear2026}, issuer_.get(), key_.get()));
  ASSERT_THAT(parsed.revocation_lists, SizeIs(1));
  EXPECT_FALSE(parsed.revocation_lists[0].has_next_update());
  EXPECT_EQ(parsed.revocation_lists[0].number(), "");
  EXPECT_EQ(parsed.revocation_lists[0].revoked(), 0U);
}

TEST_F(RevocationList, StandsBesideCertificatesInOneFile) {
  const ParsedCertificates parsed =
      parse_certificates(test::certificate_pem(issuer_.get()) +
                         test::revocation_list_pem({}, issuer_.get(), key_.get()));
  EXPECT_EQ(parsed.error, "");
  EXPECT_THAT(parsed.certificates, SizeIs(1));
  EXPECT_THAT(parsed.revocation_lists, SizeIs(1));
}

TEST_F(RevocationList, ThatIsDamagedSaysSo) {
  const std::string der = test::revocation_list_der({}, issuer_.get(), key_.get());
  EXPECT_NE(parse_certificates(der.substr(0, der.size() - 1)).error, "");
  EXPECT_NE(parse_certificates(der + "!").error, "");
}

TEST_F(RevocationList, IsOneOfAtMostSixtyFour) {
  const std::string pem = test::revocation_list_pem({}, issuer_.get(), key_.get());
  std::string text;
  for (size_t i = 0; i < kMostRevocationLists; ++i)
    text += pem;
  EXPECT_EQ(parse_certificates(text).error, "");
  const ParsedCertificates parsed = parse_certificates(text + pem);
  EXPECT_THAT(parsed.revocation_lists, SizeIs(kMostRevocationLists));
  EXPECT_EQ(parsed.error, "it holds more than 64 revocation lists: the others are left out");
}

}  // namespace
}  // namespace muster
