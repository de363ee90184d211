#include "agent/probes/packages_rpm/rpm_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/packages_apt/signing_key.h"
#include "tests/agent/probes/test_root.h"

namespace muster::packages_rpm {
namespace {

using test::SigningKey;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kNow = 1'750'000'000;
constexpr const char* kPath = "/etc/pki/rpm-gpg/KEY";

class RepositoryKeys : public ::testing::Test {
 protected:
  RepositoryKeys() {
    settings_.repositories.resize(1);
    repository().id = "base";
    repository().key_urls = {std::string("file://") + kPath};
  }
  RepositorySettings& repository() { return settings_.repositories[0]; }
  // Of the one key that there is.
  v1::RepositoryKey key(const std::vector<std::string>& imported = {}) const {
    const auto all = repository_keys(root_.path(), settings_, imported, kNow);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? v1::RepositoryKey() : all[0];
  }

  test::TestRoot root_;
  ManagerSettings settings_;
};

TEST_F(RepositoryKeys, AreThoseInTheFileThatTheRepositoryNames) {
  const SigningKey lasting({});
  root_.write(kPath, lasting.armored());
  const v1::RepositoryKey found = key();
  EXPECT_EQ(found.repository(), "base");
  EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_VALID);
  EXPECT_EQ(found.fingerprint(), lasting.primary_fingerprint());
  EXPECT_EQ(found.user_id(), "Test Archive <test@example.org>");
  EXPECT_FALSE(found.has_not_after());
  EXPECT_THAT(found.keyrings(), ElementsAre(kPath));
}

TEST_F(RepositoryKeys, EndWhenTheirNewestSignatureSays) {
  SigningKey ending({.lasts = 1000});
  root_.write(kPath, ending.armored());
  EXPECT_EQ(key().state(), v1::REPOSITORY_KEY_STATE_EXPIRED);
  EXPECT_EQ(key().not_after().seconds(), 1'700'001'000);
  ending.extend(100'000'000);
  root_.write(kPath, ending.armored());
  EXPECT_EQ(key().state(), v1::REPOSITORY_KEY_STATE_VALID);
  EXPECT_EQ(key().not_after().seconds(), 1'800'000'000);
  ending.revoke();
  root_.write(kPath, ending.armored());
  EXPECT_EQ(key().state(), v1::REPOSITORY_KEY_STATE_REVOKED);
}

TEST_F(RepositoryKeys, CountAsRpmHasImportedThem) {
  SigningKey signer({.lasts = 1000});
  const std::string before = signer.armored();
  signer.extend(100'000'000);
  root_.write(kPath, signer.armored());
  const v1::RepositoryKey found = key({before});
  EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_EXPIRED) << "the copy that rpm asks has ended";
  EXPECT_THAT(found.keyrings(), ElementsAre("rpm's database"));
}

TEST_F(RepositoryKeys, AreMissingWhereNoFileHasThem) {
  EXPECT_EQ(key().state(), v1::REPOSITORY_KEY_STATE_MISSING);
  EXPECT_THAT(key().keyrings(), ElementsAre(std::string("file://") + kPath));
  root_.write(kPath, "no key at all");
  EXPECT_EQ(key({SigningKey({}).armored()}).state(), v1::REPOSITORY_KEY_STATE_MISSING);
}

TEST_F(RepositoryKeys, ElsewhereCannotBeTold) {
  repository().key_urls = {"https://example.org/KEY"};
  EXPECT_EQ(key().state(), v1::REPOSITORY_KEY_STATE_MISSING) << "rpm has none";
  EXPECT_EQ(key({SigningKey({}).armored()}).state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
}

TEST_F(RepositoryKeys, AreNotAskedForWhereNothingIsChecked) {
  root_.write(kPath, SigningKey({}).armored());
  repository().packages_checked = false;
  EXPECT_EQ(key().state(), v1::REPOSITORY_KEY_STATE_UNSIGNED);
  repository().metadata_checked = true;
  EXPECT_EQ(key().state(), v1::REPOSITORY_KEY_STATE_VALID);
}

TEST(RpmKeys, OfASubkeyAreItsPrimarys) {
  const SigningKey key({.lasts = 50'000'000, .with_subkey = true, .subkey_lasts = 1000});
  const auto keys = read_rpm_keys(key.armored());
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].fingerprint, key.primary_fingerprint());
  EXPECT_EQ(keys[0].ends_at, 1'750'000'000);
}

TEST(RpmKeys, OfSeveralBlocksAreAllAndOfNoiseNone) {
  const std::string two = SigningKey({}).armored() + "\n" + SigningKey({}).armored();
  EXPECT_EQ(read_rpm_keys(two).size(), 2u);
  EXPECT_THAT(read_rpm_keys(""), IsEmpty());
  EXPECT_THAT(read_rpm_keys("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n"), IsEmpty());
  const std::string whole = SigningKey({}).armored();
  for (size_t length = 0; length < whole.size(); length += 37)
    EXPECT_LE(read_rpm_keys(whole.substr(0, length)).size(), 1u);
}

}  // namespace
}  // namespace muster::packages_rpm
