#include "agent/probes/packages_apt/repository_keys.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/probes/packages_apt/opened_keyrings.h"
#include "agent/probes/packages_apt/openpgp_keys.h"
#include "tests/agent/probes/packages_apt/signing_key.h"
#include "tests/agent/probes/test_root.h"

namespace muster::packages_apt {
namespace {

using namespace std::chrono_literals;
using test::SigningKey;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr uint32_t kMadeAt = 1'700'000'000;
constexpr uint32_t kYear = 365 * 24 * 3600;
constexpr TimePoint kNow{std::chrono::seconds(kMadeAt + kYear)};
constexpr const char* kKeyring = "/usr/share/keyrings/test.asc";
constexpr const char* kTrusted = "/etc/apt/trusted.gpg.d/test.asc";

AptRepository repository(const std::string& signature, const std::string& signed_by = kKeyring) {
  AptRepository result;
  result.origin = {"Debian", "Debian", "stable", "bookworm", "deb.example.org"};
  result.distribution = "bookworm";
  result.place = "deb.example.org bookworm";
  result.signature = signature;
  result.signed_by = signed_by;
  return result;
}

class RepositoryKeys : public ::testing::Test {
 protected:
  std::vector<v1::RepositoryKey> look(std::vector<AptRepository> repositories) {
    AptSnapshot snapshot;
    snapshot.repositories = std::move(repositories);
    return repository_keys(root_.path(), AptPaths(), snapshot, kNow);
  }

  v1::RepositoryKey look_at_one(const AptRepository& one) {
    const std::vector<v1::RepositoryKey> keys = look({one});
    EXPECT_THAT(keys, SizeIs(1));
    return keys.empty() ? v1::RepositoryKey() : keys[0];
  }

  test::TestRoot root_;
};

TEST_F(RepositoryKeys, EveryFieldOfAValidKeyIsFilled) {
  const SigningKey key({.user_id = "Archive <a@example.org>", .lasts = 2 * kYear});
  root_.write(kKeyring, key.binary());
  const v1::RepositoryKey found = look_at_one(repository(key.detached_signature("Release")));
  EXPECT_EQ(found.repository(), "bookworm");
  EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_VALID);
  EXPECT_EQ(found.fingerprint(), key.fingerprint());
  EXPECT_EQ(found.user_id(), "Archive <a@example.org>");
  EXPECT_EQ(found.not_after().seconds(), kMadeAt + 2 * kYear);
  EXPECT_THAT(found.keyrings(), ElementsAre(kKeyring));
  EXPECT_EQ(found.site(), "deb.example.org");
  EXPECT_EQ(found.reason(), "");
}

TEST_F(RepositoryKeys, AKeyThatLastsForEverHasNoEnd) {
  const SigningKey key({});
  root_.write(kKeyring, key.armored());
  EXPECT_FALSE(look_at_one(repository(key.detached_signature("x"))).has_not_after());
}

TEST_F(RepositoryKeys, AKeyOrItsPrimaryKeyThatHasEndedIsExpired) {
  for (const SigningKey::Options& options : {SigningKey::Options{.lasts = kYear},
                                             {.with_subkey = true, .subkey_lasts = kYear},
                                             {.lasts = kYear, .with_subkey = true}}) {
    const SigningKey key(options);
    root_.write(kKeyring, key.armored());
    const v1::RepositoryKey found = look_at_one(repository(key.detached_signature("x")));
    EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_EXPIRED);
    EXPECT_EQ(found.fingerprint(), key.fingerprint());
    EXPECT_EQ(found.not_after().seconds(), kMadeAt + kYear);
  }
}

TEST_F(RepositoryKeys, AKeyThatWasExtendedIsValid) {
  SigningKey key({.lasts = kYear});
  const std::string signature = key.detached_signature("x");
  key.extend(3 * kYear);
  root_.write(kKeyring, key.armored());
  EXPECT_EQ(look_at_one(repository(signature)).state(), v1::REPOSITORY_KEY_STATE_VALID);
}

TEST_F(RepositoryKeys, ARevokedKeyIsRevoked) {
  SigningKey key({});
  const std::string signature = key.detached_signature("x");
  key.revoke();
  root_.write(kKeyring, key.armored());
  EXPECT_EQ(look_at_one(repository(signature)).state(), v1::REPOSITORY_KEY_STATE_REVOKED);
}

TEST_F(RepositoryKeys, AKeyInAnotherKeyringThanTheSourceNamesIsMissing) {
  const SigningKey key({});
  const SigningKey other({});
  root_.write(kTrusted, key.armored());
  root_.write(kKeyring, other.armored());
  for (const char* named : {kKeyring, "/usr/share/keyrings/absent.gpg"}) {
    const v1::RepositoryKey found = look_at_one(repository(key.detached_signature("x"), named));
    EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_MISSING);
    EXPECT_EQ(found.fingerprint(), key.fingerprint());
    EXPECT_EQ(found.user_id(), "");
    EXPECT_THAT(found.keyrings(), ElementsAre(named));
  }
}

TEST_F(RepositoryKeys, WithoutSignedByAptsOwnKeyringsCount) {
  const SigningKey key({});
  const SigningKey other({});
  root_.write("/etc/apt/trusted.gpg", other.binary());
  root_.write("/etc/apt/trusted.gpg.d/ignored.txt", key.armored());
  const std::string signature = key.detached_signature("x");
  EXPECT_EQ(look_at_one(repository(signature, "")).state(), v1::REPOSITORY_KEY_STATE_MISSING);
  root_.write(kTrusted, key.armored());
  const v1::RepositoryKey found = look_at_one(repository(signature, ""));
  EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_VALID);
  EXPECT_THAT(found.keyrings(), ElementsAre(kTrusted));
}

TEST_F(RepositoryKeys, FingerprintsInSignedByChooseAmongTheKeys) {
  const SigningKey key({.with_subkey = true});
  root_.write(kTrusted, key.armored());
  const std::string signature = key.detached_signature("x");
  const struct {
    std::string signed_by;
    v1::RepositoryKeyState state;
  } cases[] = {
      {key.primary_fingerprint() + ",", v1::REPOSITORY_KEY_STATE_VALID},
      {key.fingerprint() + "!", v1::REPOSITORY_KEY_STATE_VALID},
      {key.primary_fingerprint() + "!", v1::REPOSITORY_KEY_STATE_MISSING},
      {std::string(40, 'A') + ", " + key.fingerprint(), v1::REPOSITORY_KEY_STATE_VALID},
      {std::string(40, 'A'), v1::REPOSITORY_KEY_STATE_MISSING},
  };
  for (const auto& [signed_by, state] : cases)
    EXPECT_EQ(look_at_one(repository(signature, signed_by)).state(), state) << signed_by;
}

TEST_F(RepositoryKeys, AKeyMayBeInTheSourceItself) {
  const SigningKey key({});
  const v1::RepositoryKey found =
      look_at_one(repository(key.detached_signature("x"), key.armored()));
  EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_VALID);
  EXPECT_THAT(found.keyrings(), ElementsAre("Signed-By of its source"));
}

// Debian signs with its old key and its new one: a system with either is well.
TEST_F(RepositoryKeys, OfSeveralSignaturesOneThatIsValidIsEnough) {
  const SigningKey known({.user_id = "Known"});
  const SigningKey unknown({.user_id = "Unknown"});
  const std::string both = unknown.detached_signature("x") + known.detached_signature("x");
  root_.write(kKeyring, known.armored());
  EXPECT_EQ(look_at_one(repository(both)).user_id(), "Known");
  root_.write(kKeyring, "");
  EXPECT_THAT(look({repository(both)}), SizeIs(2)) << "all, if none is";
}

TEST_F(RepositoryKeys, WhatIsNotSignedOrNeedNotBeIsUnsigned) {
  const SigningKey key({});
  root_.write(kKeyring, key.armored());
  AptRepository trusted = repository(key.detached_signature("x"));
  trusted.is_trusted_unsigned = true;
  for (const AptRepository& one : {repository(""), trusted}) {
    const v1::RepositoryKey found = look_at_one(one);
    EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_UNSIGNED);
    EXPECT_EQ(found.fingerprint(), "");
  }
}

TEST_F(RepositoryKeys, WhatCouldNotBeReadIsNotSaidToBeMissing) {
  const SigningKey key({});
  const std::string signature = key.detached_signature("x");
  const auto expect_unknown = [&](const std::string& problem) {
    const v1::RepositoryKey found = look_at_one(repository(signature));
    EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
    EXPECT_THAT(found.keyrings(), ElementsAre(HasSubstr(problem)));
  };
  root_.write(kKeyring, std::string(kLargestKeyring + 1, 'x'));
  expect_unknown("/usr/share/keyrings/test.asc (");
  root_.write(kKeyring, "no keyring");
  expect_unknown("in no format that apt reads");
  root_.write(kKeyring, key.armored() + "\r\n");
  expect_unknown("apt before 3.0 takes no key");
  root_.write(kKeyring, key.armored());
  root_.set_mode(kKeyring, 0);
  {
    const test::WithoutRights without;
    expect_unknown("the probe's setting readable");
  }
  root_.set_mode(kKeyring, 0644);
  const v1::RepositoryKey found = look_at_one(repository("no signature"));
  EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  EXPECT_EQ(found.reason(), "the signature of deb.example.org bookworm could not be read");
}

TEST_F(RepositoryKeys, OfAReleaseFileThatCouldNotBeReadAreNotTold) {
  AptRepository unread = repository("");
  unread.trouble = "its InRelease could not be read: it is too large";
  EXPECT_EQ(look_at_one(unread).state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  EXPECT_EQ(look_at_one(unread).reason(),
            "deb.example.org bookworm: its InRelease could not be read: it is too large");
  // Whatever is in it does not matter.
  unread.is_trusted_unsigned = true;
  EXPECT_EQ(look_at_one(unread).state(), v1::REPOSITORY_KEY_STATE_UNSIGNED);
}

TEST_F(RepositoryKeys, WhatHasNoReleaseFileIsUnsignedAndSaysWhereItIs) {
  AptRepository bare = repository("");
  bare.origin = {.origin = {}, .label = {}, .suite = {}, .codename = {}, .site = {}};
  bare.place = "copy:/srv/packages ./";
  bare.has_release = false;
  const v1::RepositoryKey found = look_at_one(bare);
  EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_UNSIGNED);
  EXPECT_EQ(found.repository(), "without a name");
  EXPECT_EQ(found.reason(), "copy:/srv/packages ./ has no Release file");
  bare.origin.site = "packages.example.org";
  EXPECT_EQ(look_at_one(bare).repository(), "packages.example.org");
  EXPECT_EQ(look_at_one(bare).site(), "") << "it is the name";
}

// A mirror calls itself what it likes.
TEST_F(RepositoryKeys, OfOneNameAreToldApartBySiteAndThenByNumber) {
  const SigningKey key({});
  root_.write(kKeyring, key.armored());
  const AptRepository good = repository(key.detached_signature("x"));
  AptRepository elsewhere = repository("");
  elsewhere.origin.site = "mirror.example.net";
  // Another directory of the same host, and once more one like it.
  const AptRepository beside = repository("");
  const std::vector<v1::RepositoryKey> keys = look({good, elsewhere, beside, beside, good});
  ASSERT_THAT(keys, SizeIs(3));
  const auto line = [](const v1::RepositoryKey& each) {
    return fmt::format("{} {} {} {}", each.repository(), each.site(), each.number(),
                       v1::RepositoryKeyState_Name(each.state()));
  };
  EXPECT_EQ(line(keys[0]), "bookworm deb.example.org 0 REPOSITORY_KEY_STATE_VALID");
  EXPECT_EQ(line(keys[1]), "bookworm deb.example.org 1 REPOSITORY_KEY_STATE_UNSIGNED");
  EXPECT_EQ(line(keys[2]), "bookworm mirror.example.net 0 REPOSITORY_KEY_STATE_UNSIGNED");
}

TEST_F(RepositoryKeys, ThirdPartiesAreNamedByTheirOrigin) {
  AptRepository vendor = repository("");
  vendor.origin = {"Docker", "Docker CE", "bookworm", "", "download.docker.example"};
  EXPECT_EQ(look_at_one(vendor).repository(), "Docker");
}

AptRepository never_fetched(const std::string& signed_by) {
  AptRepository result;
  result.origin.site = "download.docker.example";
  result.distribution = "bookworm";
  result.place = "download.docker.example bookworm";
  result.signed_by = signed_by;
  result.never_fetched = true;
  return result;
}

TEST_F(RepositoryKeys, OfWhatWasNeverFetchedAreMissingWhereNoneIsThere) {
  const v1::RepositoryKey found = look_at_one(never_fetched(kKeyring));
  EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_MISSING);
  EXPECT_EQ(found.repository(), "download.docker.example bookworm");
  EXPECT_EQ(found.site(), "") << "it is in its name";
  EXPECT_EQ(found.reason(), "it was never fetched");
  EXPECT_EQ(found.fingerprint(), "");
  EXPECT_THAT(found.keyrings(), ElementsAre(kKeyring));
  // A download that failed leaves such a file.
  root_.write(kKeyring, "");
  EXPECT_EQ(look_at_one(never_fetched(kKeyring)).state(), v1::REPOSITORY_KEY_STATE_MISSING);
  EXPECT_EQ(look_at_one(never_fetched("")).state(), v1::REPOSITORY_KEY_STATE_MISSING);
}

TEST_F(RepositoryKeys, OfWhatWasNeverFetchedAreNotToldWhereAnyMayBe) {
  const SigningKey key({});
  root_.write(kKeyring, key.armored());
  const std::string of_file = kKeyring;
  const struct {
    std::string signed_by;
    v1::RepositoryKeyState state;
  } cases[] = {
      {of_file, v1::REPOSITORY_KEY_STATE_UNSPECIFIED},
      {of_file + "," + key.fingerprint(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED},
      {of_file + "," + std::string(40, 'A'), v1::REPOSITORY_KEY_STATE_MISSING},
      {key.armored(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED},
      {"", v1::REPOSITORY_KEY_STATE_MISSING},
  };
  for (const auto& [signed_by, state] : cases)
    EXPECT_EQ(look_at_one(never_fetched(signed_by)).state(), state) << signed_by;
  root_.write(kTrusted, key.armored());
  EXPECT_EQ(look_at_one(never_fetched("")).state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  root_.write(kKeyring, "no keyring");
  const v1::RepositoryKey unread = look_at_one(never_fetched(kKeyring));
  EXPECT_EQ(unread.state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  EXPECT_THAT(unread.keyrings(), ElementsAre(HasSubstr("in no format that apt reads")));
  AptRepository trusted = never_fetched("/absent.gpg");
  trusted.is_trusted_unsigned = true;
  EXPECT_EQ(look_at_one(trusted).state(), v1::REPOSITORY_KEY_STATE_UNSIGNED);
}

TEST_F(RepositoryKeys, BeyondTheirBoundAreThoseThatAreWell) {
  const SigningKey key({});
  root_.write(kKeyring, key.armored());
  std::vector<AptRepository> repositories(kMostRepositoryKeys + 1,
                                          repository(key.detached_signature("x")));
  for (size_t i = 0; i < repositories.size(); ++i)
    repositories[i].distribution = fmt::format("suite{:03}", i);
  repositories.back().signature.clear();
  const std::vector<v1::RepositoryKey> keys = look(repositories);
  ASSERT_THAT(keys, SizeIs(kMostRepositoryKeys));
  EXPECT_EQ(keys.front().repository(), "");
  EXPECT_EQ(keys.front().state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  EXPECT_EQ(keys.front().reason(), "only 499 of 501 keys of repositories are listed");
  EXPECT_EQ(keys.back().repository(), "suite500");
  EXPECT_EQ(keys.back().state(), v1::REPOSITORY_KEY_STATE_UNSIGNED);
}

TEST_F(RepositoryKeys, AreNotAllWhereNotEveryRepositoryWasLookedAt) {
  AptSnapshot snapshot;
  snapshot.repositories = {repository("")};
  snapshot.all_repositories = 3;
  const auto keys = repository_keys(root_.path(), AptPaths(), snapshot, kNow);
  ASSERT_THAT(keys, SizeIs(2));
  EXPECT_EQ(keys[0].state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  EXPECT_EQ(keys[0].reason(), "only 1 of 3 repositories were looked at");
}

TEST_F(RepositoryKeys, NoMoreKeyringsThanTheirBoundAreRead) {
  const SigningKey key({});
  std::string many;
  for (size_t i = 0; i <= kMostKeyrings; ++i)
    many += fmt::format("/keyring{},", i);
  EXPECT_EQ(look_at_one(repository(key.detached_signature("x"), many)).state(),
            v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
}

}  // namespace
}  // namespace muster::packages_apt
