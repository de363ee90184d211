#include "agent/probes/packages_apt/openpgp_packets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace muster::packages_apt {
namespace {

using ::testing::SizeIs;
using namespace std::string_literals;

// The length in each of its forms (RFC 4880, 4.2).
TEST(OpenPgpPackets, EveryFormOfALengthIsRead) {
  const std::string long_body(300, 'x');
  const struct {
    std::string bytes;
    std::string body;
  } cases[] = {
      {"\xb4\x03"
       "abc",
       "abc"},
      {"\xb5\x01\x2c"s + long_body, long_body},
      {"\xb6\x00\x00\x01\x2c"s + long_body, long_body},
      {"\xcd\x03"
       "abc",
       "abc"},
      {"\xcd\xc0\x6c"s + long_body, long_body},
      {"\xcd\xff\x00\x00\x01\x2c"s + long_body, long_body},
      {"\xcd\x00"s, ""},
  };
  for (const auto& [bytes, body] : cases) {
    const Packets read = read_packets(bytes);
    EXPECT_TRUE(read.whole);
    ASSERT_THAT(read.packets, SizeIs(1));
    EXPECT_EQ(read.packets[0].tag, PacketTag::kUserId);
    EXPECT_EQ(read.packets[0].body, body);
  }
}

TEST(OpenPgpPackets, WhatHasNoDefiniteLengthOrBreaksOffEndsTheReading) {
  for (const std::string& bytes : {"\xb7"
                                   "abc"s,
                                   "\xcd\xe0"
                                   "abc"s,
                                   "\xb4\x04"
                                   "abc"s,
                                   "\xcd\xff\xff\xff\xff\xff"s, "\xb6\x00"s,
                                   "\x34\x01"
                                   "a"s}) {
    EXPECT_FALSE(read_packets(bytes).whole);
    EXPECT_FALSE(read_packets("\xb4\x01z"s + bytes).whole);
    EXPECT_THAT(read_packets("\xb4\x01z"s + bytes).packets, SizeIs(1));
  }
}

TEST(OpenPgpPackets, ArmorIsTakenOff) {
  const struct {
    std::string text;
    std::string bytes;
  } cases[] = {
      {"-----BEGIN PGP SIGNATURE-----\n\naGVsbG8=\n=abcd\n-----END PGP SIGNATURE-----\n", "hello"},
      {"-----BEGIN PGP SIGNATURE-----\r\nVersion: x\r\n\r\naGVs\r\nbG8=\r\n-----END PGP "
       "SIGNATURE-----\r\n",
       "hello"},
      {"words before\n-----BEGIN PGP SIGNATURE-----\naGVsbG8=\n-----END PGP SIGNATURE-----\nafter",
       "hello"},
      {"-----BEGIN PGP A-----\n\naGk=\n-----END PGP A-----\n-----BEGIN PGP A-----\n\naG8=\n",
       "hiho"},
      {"-----BEGIN PGP A-----\n\n####\n-----END PGP A-----\n", ""},
      {"no armor", ""},
  };
  for (const auto& [text, bytes] : cases) {
    EXPECT_EQ(without_armor(text), bytes);
    EXPECT_EQ(is_armored(text), !bytes.empty() || text[0] == '-') << text;
  }
}

// Version 4, made at 0x01020304, of a key that lasts 0x10 seconds.
constexpr std::string_view kSigned("\x05\x02\x01\x02\x03\x04\x05\x09\0\0\0\x10", 12);
constexpr std::string_view kIssuer("\x09\x10\xaa\xbb\xcc\xdd\xee\xff\x11\x22", 10);

std::string signature(std::string_view signed_area, std::string_view unsigned_area) {
  std::string body = {4, 0x13, 22, 10, 0, static_cast<char>(signed_area.size())};
  body += signed_area;
  body += {0, static_cast<char>(unsigned_area.size())};
  return body + std::string(unsigned_area) + "the rest";
}

TEST(OpenPgpSignature, TellsWhoMadeItAndWhatItSaysOfAKey) {
  const auto fields = read_signature(signature(kSigned, kIssuer));
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->type, kPositiveCertification);
  EXPECT_EQ(fields->created_at, 0x01020304u);
  EXPECT_EQ(fields->key_lasts, 0x10u);
  EXPECT_EQ(fields->issuer_id, "AABBCCDDEEFF1122");
  EXPECT_EQ(fields->issuer_fingerprint, "");
}

// What nobody signed may name the signer; it may not say how long a key holds.
TEST(OpenPgpSignature, WhatIsNotSignedSaysNothingOfTheKey) {
  const auto fields = read_signature(signature(kIssuer, kSigned));
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->created_at, 0u);
  EXPECT_EQ(fields->key_lasts, 0u);
}

TEST(OpenPgpSignature, AFingerprintTellsTheId) {
  const std::string subpacket =
      "\x16\x21\x04"
      "0123456789ABCDEFGHIJ";
  const auto fields = read_signature(signature(subpacket, kIssuer));
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->issuer_fingerprint, hex_of("0123456789ABCDEFGHIJ"));
  EXPECT_EQ(fields->issuer_id, hex_of("CDEFGHIJ"));
}

TEST(OpenPgpSignature, VersionThreeIsRead) {
  const auto fields =
      read_signature("\x03\x05\x00\x01\x02\x03\x04\xaa\xbb\xcc\xdd\xee\xff\x11\x22"s);
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->created_at, 0x01020304u);
  EXPECT_EQ(fields->issuer_id, "AABBCCDDEEFF1122");
}

TEST(OpenPgpSignature, WhatIsCutOffOrOfAnotherVersionIsNone) {
  const std::string whole = signature(kSigned, kIssuer);
  for (size_t size = 0; size < whole.size() - 8; ++size)
    EXPECT_FALSE(read_signature(whole.substr(0, size))) << size;
  EXPECT_TRUE(read_signature(whole.substr(0, whole.size() - 8)));
  EXPECT_FALSE(read_signature("\x02" + whole.substr(1)));
  // A subpacket that is longer than the area it is in.
  EXPECT_FALSE(read_signature(signature("\x20\x02", kIssuer)));
  EXPECT_FALSE(read_signature(signature(std::string(1, '\0'), kIssuer)));
}

}  // namespace
}  // namespace muster::packages_apt
