#include "agent/probes/certificates/certificate_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>

#include "common/openssl.h"

namespace muster {
namespace {

using Asn1StringPtr = std::unique_ptr<ASN1_STRING, OpensslDeleter<ASN1_STRING_free>>;

absl::StatusOr<int64_t> seconds_of(int type, std::string_view text) {
  const Asn1StringPtr time(ASN1_STRING_type_new(type));
  ASN1_STRING_set(time.get(), text.data(), static_cast<int>(text.size()));
  return unix_seconds(time.get());
}

TEST(CertificateTime, IsExactFromYear1To9999) {
  struct Case {
    int type;
    std::string_view text;
    int64_t seconds;
  };
  // By `date -u -d … +%s`.
  constexpr Case kCases[] = {
      {V_ASN1_UTCTIME, "700101000000Z", 0},
      {V_ASN1_UTCTIME, "491231235959Z", 2524607999},
      {V_ASN1_UTCTIME, "500101000000Z", -631152000},
      {V_ASN1_UTCTIME, "991231235959Z", 946684799},
      {V_ASN1_UTCTIME, "000229120000Z", 951825600},
      {V_ASN1_UTCTIME, "380119031408Z", 2147483648},
      {V_ASN1_GENERALIZEDTIME, "19700101000000Z", 0},
      {V_ASN1_GENERALIZEDTIME, "19691231235959Z", -1},
      {V_ASN1_GENERALIZEDTIME, "19011213204551Z", -2147483649},
      {V_ASN1_GENERALIZEDTIME, "20380119031408Z", 2147483648},
      {V_ASN1_GENERALIZEDTIME, "21060207062816Z", 4294967296},
      {V_ASN1_GENERALIZEDTIME, "24000229000000Z", 13574563200},
      {V_ASN1_GENERALIZEDTIME, "99991231235959Z", 253402300799},
      {V_ASN1_GENERALIZEDTIME, "00010101000000Z", -62135596800},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<int64_t> seconds = seconds_of(c.type, c.text);
    ASSERT_TRUE(seconds.ok()) << c.text << ": " << seconds.status();
    EXPECT_EQ(*seconds, c.seconds) << c.text;
  }
}

TEST(CertificateTime, ReadsTheOddFormsThatOpensslReads) {
  struct Case {
    int type;
    std::string_view text;
    int64_t seconds;
  };
  constexpr Case kCases[] = {
      {V_ASN1_UTCTIME, "7001010000Z", 0},                 // without seconds
      {V_ASN1_UTCTIME, "700101010000+0100", 0},           // east of Greenwich
      {V_ASN1_UTCTIME, "691231230000-0100", 0},           // west of it, the day before
      {V_ASN1_GENERALIZEDTIME, "197001010000Z", 0},       // without seconds
      {V_ASN1_GENERALIZEDTIME, "19700101000000.75Z", 0},  // a fraction is dropped
      {V_ASN1_GENERALIZEDTIME, "20260101003000+0530", 1767207600},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<int64_t> seconds = seconds_of(c.type, c.text);
    ASSERT_TRUE(seconds.ok()) << c.text << ": " << seconds.status();
    EXPECT_EQ(*seconds, c.seconds) << c.text;
  }
}

TEST(CertificateTime, DoesNotDependOnTheTimeZone) {
  ::setenv("TZ", "America/New_York", 1);
  ::tzset();
  const absl::StatusOr<int64_t> seconds = seconds_of(V_ASN1_GENERALIZEDTIME, "20260715120000Z");
  ::unsetenv("TZ");
  ::tzset();
  ASSERT_TRUE(seconds.ok());
  EXPECT_EQ(*seconds, 1784116800);
}

TEST(CertificateTime, RefusesWhatIsNoDate) {
  struct Case {
    int type;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {V_ASN1_UTCTIME, ""},
      {V_ASN1_UTCTIME, "Z"},
      {V_ASN1_UTCTIME, "701301000000Z"},    // month 13
      {V_ASN1_UTCTIME, "700132000000Z"},    // day 32
      {V_ASN1_UTCTIME, "700101240000Z"},    // hour 24
      {V_ASN1_UTCTIME, "19700101000000Z"},  // four digits of year
      {V_ASN1_UTCTIME, "70010100000xZ"},
      {V_ASN1_UTCTIME, "700101000000"},             // no zone
      {V_ASN1_GENERALIZEDTIME, "700101000000Z"},    // two digits of year
      {V_ASN1_GENERALIZEDTIME, "20230229000000Z"},  // no leap year
      {V_ASN1_GENERALIZEDTIME, "19700101000000+9900"},
      {V_ASN1_GENERALIZEDTIME, "00000101000000Z"},      // year 0: a Timestamp cannot hold it
      {V_ASN1_GENERALIZEDTIME, "99991231235959-0100"},  // year 10000
      {V_ASN1_UTF8STRING, "19700101000000Z"},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<int64_t> seconds = seconds_of(c.type, c.text);
    EXPECT_FALSE(seconds.ok()) << c.text << " was read as " << seconds.value_or(0);
  }
  EXPECT_FALSE(unix_seconds(nullptr).ok());
}

TEST(CertificateTime, SaysWhatTheDateWas) {
  EXPECT_THAT(seconds_of(V_ASN1_UTCTIME, "never\x1b[2J").status().message(),
              testing::StrEq("the date 'never\\x1b[2J' cannot be read"));
}

}  // namespace
}  // namespace muster
