#include "agent/probes/tls/revocation_list.h"

#include <gmock/gmock.h>
#include <openssl/x509v3.h>

#include "agent/probes/tls/answer_age.h"
#include "tests/agent/probes/tls/test_ocsp.h"
#include "tests/common/damaged_bytes.h"

namespace muster::tls {
namespace {

using test::Identity;
using test::make_authority;
using test::make_leaf;
using test::make_list;

constexpr const char* kUrl = "http://crl.example.org/1.crl";
const TimePoint kThen{std::chrono::seconds(test::kThisUpdate + 60)};

class RevocationListTest : public testing::Test {
 protected:
  // "GOOD", "REVOKED", or why nothing is known.
  std::string answer_of(const std::string& der, const Identity& about, TimePoint now = kThen) {
    const absl::StatusOr<std::unique_ptr<RevocationList>> list =
        RevocationList::read(der, issuing.certificate.get());
    if (!list.ok()) return {list.status().message().data(), list.status().message().size()};
    const RevocationAnswer answer = (*list)->about(about.certificate.get(), now);
    revoked_at = answer.revoked_at ? answer.revoked_at->seconds() : 0;
    if (answer.status == v1::REVOCATION_GOOD) return "GOOD";
    return answer.status == v1::REVOCATION_REVOKED ? "REVOKED" : answer.detail;
  }
  std::string answer_of(const test::ListSpec& spec, TimePoint now = kThen) {
    return answer_of(make_list(spec, issuing), leaf, now);
  }

  Identity root = make_authority("Example Root");
  Identity issuing = make_authority("Example Issuing", &root);
  Identity leaf = make_leaf("www.example.org", issuing,
                            {{NID_crl_distribution_points, std::string("URI:") + kUrl}});
  int64_t revoked_at = 0;
};

TEST_F(RevocationListTest, WhatIsInItIsRevokedAndWhatIsNotIsGood) {
  EXPECT_EQ(answer_of({}), "GOOD");
  EXPECT_EQ(answer_of({.revoked = {1, 2, 41, 43, 0x2a00}}), "GOOD");
  EXPECT_EQ(answer_of({.revoked = {1, 42, 43}}), "REVOKED");
  EXPECT_EQ(revoked_at, test::kRevokedAt);
}

TEST_F(RevocationListTest, SerialsOfAllSizesAreFound) {
  for (const long serial : {1L, 127L, 128L, 255L, 256L, 0x7fffffffL, 0x80000000L, -1L, -129L}) {
    const Identity one = test::make_identity({.name = "a", .serial = serial}, &issuing);
    EXPECT_EQ(answer_of(make_list({.revoked = {7, serial}}, issuing), one), "REVOKED") << serial;
    EXPECT_EQ(answer_of(make_list({.revoked = {7, serial + 1}}, issuing), one), "GOOD") << serial;
  }
}

TEST_F(RevocationListTest, OneThatEndedSaysWhoIsInItAndNotWhoIsNot) {
  const TimePoint last{std::chrono::seconds(test::kNextUpdate)};
  const TimePoint later = last + std::chrono::seconds(1);
  EXPECT_EQ(answer_of({}, last), "GOOD");
  EXPECT_THAT(answer_of({}, later), testing::StartsWith("its list ended at 2026-11-25T"));
  EXPECT_EQ(answer_of({.revoked = {42}}, later), "REVOKED");
}

TEST_F(RevocationListTest, OneThatSaysNoEndCountsForSevenDays) {
  const TimePoint last = TimePoint(std::chrono::seconds(test::kThisUpdate)) + kWithoutEnd;
  const TimePoint later = last + std::chrono::seconds(1);
  EXPECT_EQ(answer_of({.next_update = 0}, last), "GOOD");
  EXPECT_EQ(answer_of({.next_update = 0}, later),
            "its list is of 2026-11-18T11:06:40Z, and says no end: it counts for 7 days");
  EXPECT_EQ(answer_of({.revoked = {42}, .next_update = 0}, later), "REVOKED");
}

TEST_F(RevocationListTest, OneOfTimesToComeIsNotBelieved) {
  const TimePoint first = TimePoint(std::chrono::seconds(test::kThisUpdate)) - kMostAhead;
  EXPECT_EQ(answer_of({}, first), "GOOD");
  EXPECT_EQ(answer_of({}, first - std::chrono::seconds(1)),
            "its list is of 2026-11-18T11:06:40Z, which is to come");
}

TEST_F(RevocationListTest, OnlyTheIssuersOwnCounts) {
  const Identity other = make_authority("Other");
  EXPECT_EQ(answer_of(make_list({}, other), leaf), "its list is another authority's");
  const Identity stranger = make_authority("Example Issuing");
  EXPECT_EQ(answer_of(make_list({.revoked = {42}}, stranger), leaf),
            "its list is not signed by the certificate's issuer");
  std::string forged = make_list({}, issuing);
  forged.back() = static_cast<char>(forged.back() ^ 1);
  EXPECT_EQ(answer_of(forged, leaf), "its list is not signed by the certificate's issuer");
  issuing = make_authority("No Lists", &root, {{NID_key_usage, "critical,keyCertSign"}});
  EXPECT_EQ(answer_of({}), "the certificate's issuer may not sign lists");
}

TEST_F(RevocationListTest, OneThatSaysLessThanAllSaysNothingOfTheRest) {
  const struct {
    int kind;
    const char* value;
    const char* said;
  } rows[] = {
      {NID_crl_number, "7", "GOOD"},
      {NID_delta_crl, "critical,2", "its list has only what changed since another one"},
      {NID_delta_crl, "2", "its list has only what changed since another one"},
      {NID_netscape_comment, "critical,what is it",
       "its list has a critical extension that is not known here"},
      {NID_netscape_comment, "what is it", "GOOD"},
      {NID_issuing_distribution_point, "critical,indirectCRL:TRUE",
       "its list is of several authorities"},
      {NID_issuing_distribution_point, "critical,onlysomereasons:keyCompromise",
       "its list is for some reasons only"},
      {NID_issuing_distribution_point, "critical,onlyAA:TRUE",
       "its list is not about such certificates"},
      {NID_issuing_distribution_point, "critical,onlyCA:TRUE",
       "its list is not about such certificates"},
      {NID_issuing_distribution_point, "critical,onlyuser:TRUE", "GOOD"},
      {NID_issuing_distribution_point, "critical,fullname:URI:http://crl.example.org/1.crl",
       "GOOD"},
      {NID_issuing_distribution_point, "critical,fullname:URI:http://crl.example.org/2.crl",
       "its list is the part for other certificates"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(answer_of({.extensions = {{row.kind, row.value}}}), row.said) << row.value;
  }
  const Identity authority = make_authority("Below", &issuing);
  EXPECT_EQ(
      answer_of(
          make_list({.extensions = {{NID_issuing_distribution_point, "critical,onlyuser:TRUE"}}},
                    issuing),
          authority),
      "its list is not about such certificates");
}

TEST_F(RevocationListTest, WhatIsNoListIsNotRead) {
  const std::string der = make_list({.revoked = {1}}, issuing);
  for (const std::string& bytes : {std::string(), std::string("garbage"), der + "x",
                                   der.substr(0, der.size() - 1), leaf.der()}) {
    EXPECT_EQ(answer_of(bytes, leaf), "its list cannot be decoded");
  }
}

TEST_F(RevocationListTest, AnyBytesAreNeverGood) {
  const std::string der =
      make_list({.revoked = {1, 2, 42},
                 .extensions = {{NID_issuing_distribution_point, "critical,onlyuser:TRUE"},
                                {NID_crl_number, "7"}}},
                issuing);
  std::mt19937 random(20261122);
  for (int i = 0; i < 2'000; ++i) {
    const std::string said = answer_of(muster::test::damaged(der, random), leaf);
    ASSERT_NE(said, "GOOD") << i;
    ASSERT_NE(said, "") << i;
  }
}

}  // namespace
}  // namespace muster::tls
