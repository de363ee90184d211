#include "common/firmware/version_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "common/firmware/version_key.h"
#include "tests/common/firmware/version_pairs.h"

namespace muster::firmware {
namespace {

using enum VersionFormat;
using ::testing::HasSubstr;

std::string message_of(const absl::Status& status) {
  return std::string(status.message());
}

std::string why(const std::string& a, const std::string& b, VersionFormat format) {
  return message_of(compare_versions(a, b, format).status());
}

TEST(VersionOrder, IsThatOfEveryPairWhoseOrderIsKnown) {
  const std::vector<VersionPair> pairs = version_pairs();
  EXPECT_GE(pairs.size(), 300U);
  for (const VersionPair& pair : pairs) {
    SCOPED_TRACE("line " + std::to_string(pair.line) + ": " + pair.one + " " + pair.relation + " " +
                 pair.other);
    for (const std::string& text : {pair.one, pair.other})
      EXPECT_TRUE(check_version(text, pair.format).ok()) << check_version(text, pair.format);
    const auto order = compare_versions(pair.one, pair.other, pair.format);
    if (pair.relation == "?") {
      EXPECT_FALSE(order.ok());
      continue;
    }
    ASSERT_TRUE(order.ok()) << order.status();
    if (pair.relation == "<") {
      EXPECT_TRUE(std::is_lt(*order));
    } else {
      EXPECT_EQ(pair.relation, "=");
      EXPECT_TRUE(std::is_eq(*order));
    }
  }
}

TEST(VersionOrder, HasPairsOfEveryFormat) {
  const auto texts = texts_by_format();
  for (const VersionFormatRow& row : all_version_formats())
    EXPECT_TRUE(texts.contains(row.format)) << row.name;
}

using Order = std::optional<std::strong_ordering>;

// Of each two texts; nothing: they have no order.
std::vector<std::vector<Order>> orders_of(const std::vector<std::string>& texts,
                                          VersionFormat format) {
  std::vector<std::vector<Order>> orders;
  for (const std::string& a : texts) {
    std::vector<Order>& row = orders.emplace_back();
    for (const std::string& b : texts) {
      const auto order = compare_versions(a, b, format);
      row.push_back(order.ok() ? Order(*order) : std::nullopt);
    }
  }
  return orders;
}

Order turned(Order order) {
  if (!order || std::is_eq(*order)) return order;
  return std::is_lt(*order) ? std::strong_ordering::greater : std::strong_ordering::less;
}

// Each with itself, and each two in both directions.
TEST(VersionOrder, IsTheSameFromBothSides) {
  for (const auto& [format, set] : texts_by_format()) {
    const std::vector<std::string> texts(set.begin(), set.end());
    const std::vector<std::vector<Order>> orders = orders_of(texts, format);
    for (size_t a = 0; a < texts.size(); ++a) {
      EXPECT_EQ(orders[a][a], std::strong_ordering::equal) << texts[a];
      for (size_t b = 0; b < texts.size(); ++b) {
        SCOPED_TRACE(texts[a] + " and " + texts[b]);
        const Order there = orders[a][b];
        const Order back = orders[b][a];
        EXPECT_EQ(there, turned(back));
        const auto same = is_same_version(texts[a], texts[b], format);
        EXPECT_EQ(same.ok() && *same, there == std::strong_ordering::equal);
        EXPECT_TRUE(same.ok() || !there);
      }
    }
  }
}

// Of each three of which each two have an order.
TEST(VersionOrder, AgreesOverThreeVersions) {
  for (const auto& [format, set] : texts_by_format()) {
    const std::vector<std::string> texts(set.begin(), set.end());
    const std::vector<std::vector<Order>> orders = orders_of(texts, format);
    for (size_t a = 0; a < texts.size(); ++a) {
      for (size_t b = 0; b < texts.size(); ++b) {
        for (size_t c = 0; c < texts.size(); ++c) {
          const Order first = orders[a][b];
          const Order second = orders[b][c];
          const Order whole = orders[a][c];
          if (!first || !second || !whole || std::is_gt(*first) || std::is_gt(*second)) continue;
          ASSERT_TRUE(std::is_lteq(*whole)) << texts[a] << ", " << texts[b] << ", " << texts[c];
          ASSERT_EQ(std::is_eq(*whole), std::is_eq(*first) && std::is_eq(*second))
              << texts[a] << ", " << texts[b] << ", " << texts[c];
        }
      }
    }
  }
}

struct BadText {
  VersionFormat format;
  const char* text;
};

TEST(VersionOrder, IsNoneForATextThatIsNotOfTheFormat) {
  const BadText bad[] = {
      {kNumber, "1.2"},
      {kNumber, "0x1a"},
      {kNumber, "-1"},
      {kNumber, "1234567890123456789"},
      {kPair, "1"},
      {kPair, "1.2.3"},
      {kPair, "1."},
      {kPair, ".1"},
      {kPair, "1..2"},
      {kTriplet, "1.2"},
      {kTriplet, "1.2.x"},
      {kQuad, "1.2.3"},
      {kBcd, "1.100"},
      {kBcd, "1.2.3"},
      {kIntelMe, "11.8.50"},
      {kSurface, "6.25"},
      {kDellBios, "A14"},
      {kDellBiosMsb, "1.15.2.0"},
      {kHex, "0x"},
      {kHex, "0x0001000200030004f"},
      {kHex, "2006g05"},
      {kCompalBios, "1.234"},
      {kCompalBios, "1234"},
      {kCompalBios, "123.4"},
      {kDotted, "1.2.3.4.5.6.7.8.9"},
      {kDotted, "1.2-"},
      {kDotted, "1.2-3-4"},
      {kDotted, "1.2a"},
      {kDotted, "v"},
      {kDottedHex, "92.00.45.00.0g"},
      {kDottedHex, "12345.0"},
      {kDottedLetter, "3.4ab"},
      {kDottedLetter, "a"},
      {kDottedLetter, "3.4a.1"},
      {kMonthDayYear, "16/03/2023"},
      {kMonthDayYear, "3/16/2023"},
      {kMonthDayYear, "02/30/2023"},
      {kMonthDayYear, "01/01/1969"},
      {kIsoDate, "2023-3-16"},
      {kIsoDate, "2023-02-29"},
      {kCompactDate, "2023031"},
      {kCompactDate, "202303161"},
      {kDayMonthYear, "03.16.2023"},
      {kHpeRom, "U30"},
      {kHpeRom, "U30 v2"},
      {kHpeRom, "U30 v2.78 (13/16/2023)"},
      {kHpeRom, "U30 v2.78 (03/16/2023"},
      {kHpeRom, "U30 v2.78 (03/16/2023) B"},
      {kHpeRom, "30U v2.78"},
      {kHpeIlo, "iLO 5"},
      {kHpeIlo, "iLO v2.78"},
      {kHpeIlo, "2.78 Mrz 16 2023"},
      {kHpeIlo, "2.78 Mar 2023"},
      {kHpeIlo, "2"},
      {kLenovoBuild, "IVE178"},
      {kLenovoBuild, "IVE1780"},
      {kLenovoBuild, "-[IVE178E-3.31"},
      {kLenovoBuild, "N2IET98W (1.76"},
      {kLenovoBuild, "N2I1298W"},
      {kLenovoBuild, "ive178e"},
      {kIntelDrive, "VDV1018"},
      {kIntelDrive, "VDV1ABCD"},
      {kIntelDrive, "vdv10184"},
      {kSamsungDrive, "EDA76020"},
      {kSamsungDrive, "2C2QEXM7"},
      {kSamsungDrive, "EDA7602"},
      {kMicronDrive, "E2M200"},
      {kMicronDrive, "EMU2200"},
      {kSeagateDrive, "S105"},
      {kSeagateDrive, "SN005"},
      {kCode, "EDA7602Q"},
      {kCode, "abc1"},
      {kCode, "A2345678901234567"},
      {kMellanox, "16.35"},
      {kMellanox, "16.35.3502 ()"},
      {kMellanox, "16.35.3502 (MT_0000000080"},
      {kBroadcomNic, "boot 20.02.94"},
      {kBroadcomNic, "220.0.59.0/pkg"},
      {kBroadcomNic, "220.0.59.0/220.0.83.0"},
      {kIntelNic, "0x800003df"},
      {kIntelNic, "6.20 0x"},
      {kIntelNic, "6.20 1.3353.0"},
      {kCiscoUcs, "4.2"},
      {kCiscoUcs, "4.2(3e"},
      {kCiscoUcs, "4.2(3eb)"},
      {kCiscoUcs, "4.2.3(3e)"},
  };
  for (const BadText& one : bad) {
    const absl::Status status = check_version(one.text, one.format);
    EXPECT_FALSE(status.ok()) << version_format_name(one.format) << ": " << one.text;
    EXPECT_FALSE(compare_versions(one.text, one.text, one.format).ok()) << one.text;
    EXPECT_FALSE(is_same_version(one.text, one.text, one.format).ok()) << one.text;
  }
}

TEST(VersionOrder, SaysWhatAVersionOfTheFormatLooksLike) {
  EXPECT_EQ(why("A14", "2.19.1", kDellBios),
            "'A14' is no version of the format dell-bios, such as 1.15.2");
  EXPECT_EQ(why("2.19.1", "", kDellBios), "an empty text is no version");
  EXPECT_EQ(why("1\x1b[2J", "1", kNumber),
            "'1\\x1b[2J' is no version of the format number, such as 20250915");
}

TEST(VersionOrder, SaysWhyTwoVersionsHaveNone) {
  const struct {
    VersionFormat format;
    const char* one;
    const char* other;
    const char* why;
  } cases[] = {
      {kPlain, "a", "b", "'a' and 'b' have no order: texts of this format have no order"},
      {kHpeRom, "P89 v2.60", "U30 v2.78", "they are of two families, P89 and U30"},
      {kHpeRom, "U30 v2.78 (03/16/2023)", "U30 v2.78 (04/01/2023)",
       "their numbers are the same, but one says 2023-03-16 and the other 2023-04-01"},
      {kHpeRom, "J06 (11/02/2015)", "J06 v1.40", "one is a day, the other a number"},
      {kDotted, "51.16.0", "51.16.0-5150", "one is with a build, the other without that"},
      {kLenovoBuild, "N2IET91S", "N2IETA2W", "they are of two families, N2IET..S and N2IET..W"},
      {kLenovoBuild, "IVE636Z-2.13", "IVE160M-2.70",
       "their first numbers say one thing, the others the contrary"},
      {kLenovoBuild, "IVE160M-2.70", "IVE160M-2.71",
       "their first numbers are the same, the others are not"},
      {kMellanox, "16.35.1012", "22.35.1012", "one is of the chip 16, the other of the chip 22"},
      {kCode, "AB1", "AB12",
       "one is 2 characters before 1 digits, the other 2 characters before 2 digits"},
      {kCiscoUcs, "4.3(1.5)", "4.3(1a)", "one is with a build, the other with a letter"},
  };
  for (const auto& one : cases)
    EXPECT_THAT(why(one.one, one.other, one.format), HasSubstr(one.why));
}

TEST(VersionOrder, LooksPastWhiteSpaceAtTheEnds) {
  EXPECT_TRUE(std::is_eq(*compare_versions("SN05    ", " SN05", kSeagateDrive)));
  EXPECT_TRUE(std::is_lt(*compare_versions("SN05    ", "SN06", kSeagateDrive)));
}

TEST(VersionOrder, KnowsThatTwoFamiliesAreNotTheSameEvenWithoutAnOrder) {
  EXPECT_FALSE(*is_same_version("P89 v2.78", "U30 v2.78", kHpeRom));
  EXPECT_FALSE(*is_same_version("a", "b", kPlain));
  EXPECT_FALSE(*is_same_version("U30 v2.78 (03/16/2023)", "U30 v2.78 (04/01/2023)", kHpeRom));
  EXPECT_FALSE(
      *is_same_version("220.0.1.0/pkg 220.1.0.0", "220.0.1.0/pkg 220.2.0.0", kBroadcomNic));
  EXPECT_FALSE(is_same_version("51.16.0", "51.16.0-5150", kDotted).ok());
}

TEST(VersionOrder, ReadsAtMost128Bytes) {
  EXPECT_TRUE(check_version(std::string(kLongestVersion, 'a'), kPlain).ok());
  EXPECT_EQ(message_of(check_version(std::string(kLongestVersion + 1, 'a'), kPlain)),
            "'" + std::string(37, 'a') + "…' is no version: it has more than 128 bytes");
}

TEST(VersionOrder, ReadsNumbersOfAtMost18DigitsAnd8OfThem) {
  EXPECT_TRUE(std::is_lt(*compare_versions("999999999999999998", "999999999999999999", kNumber)));
  EXPECT_FALSE(check_version("1000000000000000000", kNumber).ok());
  EXPECT_TRUE(check_version("1.2.3.4.5.6.7.8", kDotted).ok());
  EXPECT_FALSE(check_version("1.2.3.4.5.6.7.8.9", kDotted).ok());
  EXPECT_TRUE(std::is_lt(*compare_versions("0xfffffffffffffffe", "0xffffffffffffffff", kHex)));
}

TEST(VersionFormat, HasANameThatLeadsBackToItAndAnExample) {
  for (const VersionFormatRow& row : all_version_formats()) {
    EXPECT_EQ(parse_version_format(row.name), row.format);
    EXPECT_EQ(&row_of(row.format), &row);
    const std::string example(row.example.substr(0, row.example.find(" or ")));
    EXPECT_TRUE(check_version(example, row.format).ok()) << example;
  }
  EXPECT_EQ(parse_version_format("dotty"), std::nullopt);
}

}  // namespace
}  // namespace muster::firmware
