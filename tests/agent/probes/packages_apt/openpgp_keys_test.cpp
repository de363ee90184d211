#include "agent/probes/packages_apt/openpgp_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "agent/probes/packages_apt/openpgp_packets.h"
#include "tests/agent/probes/packages_apt/signing_key.h"

namespace muster::packages_apt {
namespace {

using test::SigningKey;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint32_t kYear = 365 * 24 * 3600;

// Every key of the keyring, as librnp sees it, which verifies what they say of themselves.
void expect_as_rnp(const std::string& content) {
  const Keyring keyring = read_keyring(content);
  EXPECT_TRUE(keyring.whole);
  const std::vector<test::RnpKey> expected = test::keys_as_rnp_reads_them(content);
  ASSERT_EQ(keyring.keys.size(), expected.size());
  for (const test::RnpKey& key : expected) {
    const auto found =
        std::find_if(keyring.keys.begin(), keyring.keys.end(),
                     [&](const OpenPgpKey& read) { return read.fingerprint == key.fingerprint; });
    ASSERT_NE(found, keyring.keys.end()) << key.fingerprint;
    EXPECT_EQ(found->is_revoked, key.is_revoked) << key.fingerprint;
    // Of a revoked key librnp says when it was revoked.
    if (!key.is_revoked) {
      EXPECT_EQ(found->ends_at, key.ends_at) << key.fingerprint;
    }
    EXPECT_TRUE(key.fingerprint.ends_with(found->id));
  }
}

TEST(OpenPgpKeys, AreReadAsLibrnpReadsThem) {
  const SigningKey::Options cases[] = {
      {},
      {.lasts = kYear},
      {.with_subkey = true},
      {.with_subkey = true, .subkey_lasts = kYear},
      {.lasts = 2 * kYear, .with_subkey = true, .subkey_lasts = kYear},
      {.lasts = kYear, .with_subkey = true, .subkey_lasts = 2 * kYear},
  };
  for (const SigningKey::Options& options : cases) {
    SigningKey key(options);
    expect_as_rnp(key.armored());
    expect_as_rnp(key.binary());
    key.extend(5 * kYear);
    expect_as_rnp(key.binary());
    key.revoke();
    expect_as_rnp(key.binary());
  }
}

TEST(OpenPgpKeys, AKeyringHoldsSeveralOneAfterAnother) {
  const SigningKey first({.user_id = "First", .lasts = kYear});
  const SigningKey second({.user_id = "Second", .with_subkey = true});
  expect_as_rnp(first.binary() + second.binary());
  const Keyring keyring = read_keyring(first.armored() + second.armored());
  ASSERT_THAT(keyring.keys, SizeIs(3));
  EXPECT_EQ(keyring.keys[0].user_id, "First");
  EXPECT_EQ(keyring.keys[2].user_id, "Second");
  EXPECT_EQ(keyring.keys[2].fingerprint, second.fingerprint());
  EXPECT_EQ(keyring.keys[2].primary_fingerprint, second.primary_fingerprint());
}

// Somebody else's signature on a key says nothing of how long it holds.
TEST(OpenPgpKeys, OnlyAKeysOwnerSaysWhenItEnds) {
  const SigningKey lasting({});
  const SigningKey ending({.lasts = kYear});
  const std::string foreign = ending.binary();
  const std::vector<Packet> packets = read_packets(foreign).packets;
  ASSERT_THAT(packets, SizeIs(3));
  const std::string signature =
      foreign.substr(foreign.size() - packets[2].body.size() - 2);  // with its header
  const Keyring keyring = read_keyring(lasting.binary() + signature);
  ASSERT_THAT(keyring.keys, SizeIs(1));
  EXPECT_TRUE(keyring.whole);
  EXPECT_FALSE(keyring.keys[0].ends_at);
}

TEST(OpenPgpKeys, AKeyringThatIsCutOffAnywhereIsSaidToBe) {
  const SigningKey key({.lasts = kYear, .with_subkey = true});
  const std::string whole = key.binary();
  for (size_t size = 0; size < whole.size(); ++size) {
    const Keyring cut = read_keyring(whole.substr(0, size));
    // Between two packets nobody can tell.
    EXPECT_EQ(cut.whole, size > 0 && read_packets(whole.substr(0, size)).whole) << size;
    EXPECT_LE(cut.keys.size(), 2u);
  }
}

TEST(OpenPgpKeys, WhatIsNoKeyringHoldsNone) {
  for (const std::string& content :
       {std::string(), std::string("\n"), std::string("not a key"), std::string(4096, '\0'),
        std::string("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n"),
        std::string("\0\0\0\x20\x01\x01\0\x02KBXf", 12)}) {
    const Keyring keyring = read_keyring(content);
    EXPECT_THAT(keyring.keys, IsEmpty());
    EXPECT_FALSE(keyring.whole);
  }
}

TEST(OpenPgpKeys, ArmorThatAptDoesNotReadIsKnown) {
  const std::string armor = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\naGk=\n";
  EXPECT_EQ(why_apt_skips("/a.asc", armor), "");
  EXPECT_EQ(why_apt_skips("/a", armor), "");
  EXPECT_EQ(why_apt_skips("/a.gpg", SigningKey({}).binary()), "");
  EXPECT_EQ(why_apt_skips("/a.gpg", armor), "it is in armor, so its name must end with .asc");
  EXPECT_EQ(why_apt_skips("/a.asc", armor + "\r\n"), "its lines end with CR LF");
  EXPECT_EQ(why_apt_skips("/a.asc", "-----BEGIN PGP PUBLIC KEY BLOCK-----\naGk=\n"),
            "its armor has no empty line");
}

TEST(OpenPgpKeys, NoMorePacketsThanItsBoundAreRead) {
  std::string markers;
  for (size_t i = 0; i < kMostPackets; ++i)
    markers += std::string("\xb4\0", 2);  // a user id without a name
  EXPECT_TRUE(read_packets(markers).whole);
  EXPECT_FALSE(read_packets(markers + std::string("\xb4\0", 2)).whole);
  EXPECT_THAT(read_packets(markers + std::string("\xb4\0", 2)).packets, SizeIs(kMostPackets));
}

}  // namespace
}  // namespace muster::packages_apt
