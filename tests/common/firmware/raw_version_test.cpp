#include "common/firmware/raw_version.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace muster::firmware {
namespace {

using enum VersionFormat;

struct Raw {
  uint64_t raw;
  VersionFormat format;
  const char* text;
};

// What each says is in fwupd's documentation of the enumeration, the numbers are those of its own
// tests (libfwupdplugin/fu-version-test.c), and where it has none, worked out by hand.
constexpr Raw kOf32Bits[] = {
    {0x0, kQuad, "0.0.0.0"},
    {0xff, kQuad, "0.0.0.255"},
    {0xff01, kQuad, "0.0.255.1"},
    {0xff0001, kQuad, "0.255.0.1"},
    {0xff000100, kQuad, "255.0.1.0"},
    {0x0, kTriplet, "0.0.0"},
    {0xff01, kTriplet, "0.0.65281"},
    {0xff0001, kTriplet, "0.255.1"},
    {0xff000100, kTriplet, "255.0.256"},
    {0x00010002, kPair, "1.2"},
    {0xffffffff, kPair, "65535.65535"},
    {0x0, kNumber, "0"},
    {0xff000100, kNumber, "4278190336"},
    {0xff000100, kPlain, "4278190336"},
    {0x01020304, kBcd, "1.2.3.4"},
    {0x10203199, kBcd, "10.20.31.99"},
    {0x0, kIntelMe, "11.0.0.0"},
    {0xffffffff, kIntelMe, "18.31.255.65535"},
    {0x0b32057a, kIntelMe, "11.11.50.1402"},
    {0xb8320d84, kIntelMe2, "11.8.50.3460"},
    {0x00000741, kIntelCsme19, "19.0.0.1857"},
    {0xffffffff, kIntelCsme19, "26.31.255.65535"},
    {0x226a4b00, kSurfaceLegacy, "137.2706.768"},
    {0x6001988, kSurface, "6.25.136"},
    {0x00ff0001, kDellBios, "255.0.1"},
    {0xaa010203, kDellBios, "1.2.3"},
    {0x010f0201, kDellBiosMsb, "1.15.2"},
    {0xc8, kHex, "0x000000c8"},
    {0x02006e05, kHex, "0x02006e05"},
    {0x0, kCompalBios, "00.00"},
    {0xff, kCompalBios, "00.ff"},
    {0x0000ff01, kCompalBios, "ff.01"},
    {0x00001234, kCompalBios, "12.34"},
};

constexpr Raw kOf64Bits[] = {
    {0x0, kQuad, "0.0.0.0"},
    {0xff, kQuad, "0.0.0.255"},
    {0xffffffffffffffff, kQuad, "65535.65535.65535.65535"},
    {0xff, kPair, "0.255"},
    {0xffffffffffffffff, kPair, "4294967295.4294967295"},
    {0x0, kNumber, "0"},
    {0xffffffffffffffff, kPlain, "18446744073709551615"},
    {0x11000000c8, kHex, "0x00000011000000c8"},
    {0xff01, kCompalBios, "ff.01"},
};

TEST(RawVersion, IsWrittenByItsFormat) {
  for (const Raw& raw : kOf32Bits) {
    const absl::StatusOr<std::string> text =
        format_version(static_cast<uint32_t>(raw.raw), raw.format);
    ASSERT_TRUE(text.ok()) << raw.text << ": " << text.status();
    EXPECT_EQ(*text, raw.text);
  }
  for (const Raw& raw : kOf64Bits) {
    const absl::StatusOr<std::string> text = format_version64(raw.raw, raw.format);
    ASSERT_TRUE(text.ok()) << raw.text << ": " << text.status();
    EXPECT_EQ(*text, raw.text);
  }
}

TEST(RawVersion, HasNoTextInAFormatWithoutNumbersOfItsWidth) {
  EXPECT_EQ(format_version(1, kDotted).status().message(),
            "the format dotted has no numbers of 32 bits");
  EXPECT_EQ(format_version64(1, kTriplet).status().message(),
            "the format triplet has no numbers of 64 bits");
  for (const VersionFormatRow& row : all_version_formats()) {
    if (row.format > kCompalBios) EXPECT_FALSE(format_version(1, row.format).ok()) << row.name;
    if (row.format <= kCompalBios) EXPECT_TRUE(format_version(1, row.format).ok()) << row.name;
  }
}

}  // namespace
}  // namespace muster::firmware
