#include "agent/probes/packages_apt/repository_keys.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/probes/packages_apt/openpgp_keys.h"
#include "tests/agent/probes/packages_apt/signing_key.h"
#include "tests/agent/probes/test_root.h"

namespace muster::packages_apt {
namespace {

using namespace std::chrono_literals;
using test::SigningKey;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
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
  result.signature = signature;
  result.signed_by = signed_by;
  return result;
}

class RepositoryKeys : public ::testing::Test {
 protected:
  std::vector<v1::RepositoryKey> look(std::vector<AptRepository> repositories) {
    AptSnapshot snapshot;
    snapshot.repositories = std::move(repositories);
    problems_.clear();
    return repository_keys(root_.path(), AptPaths(), snapshot, kNow, problems_);
  }

  v1::RepositoryKey look_at_one(const AptRepository& one) {
    const std::vector<v1::RepositoryKey> keys = look({one});
    EXPECT_THAT(keys, SizeIs(1));
    return keys.empty() ? v1::RepositoryKey() : keys[0];
  }

  test::TestRoot root_;
  std::vector<std::string> problems_;
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
  EXPECT_THAT(problems_, IsEmpty());
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
    EXPECT_THAT(problems_, IsEmpty());
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
    EXPECT_THAT(problems_, IsEmpty()) << "the other facts miss nothing";
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
  EXPECT_EQ(look_at_one(repository("no signature")).state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  EXPECT_THAT(problems_, Contains("the signature of bookworm could not be read"));
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
  result.signed_by = signed_by;
  result.never_fetched = true;
  return result;
}

TEST_F(RepositoryKeys, OfWhatWasNeverFetchedAreMissingWhereNoneIsThere) {
  const v1::RepositoryKey found = look_at_one(never_fetched(kKeyring));
  EXPECT_EQ(found.state(), v1::REPOSITORY_KEY_STATE_MISSING);
  EXPECT_EQ(found.repository(), "download.docker.example bookworm");
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

TEST_F(RepositoryKeys, NoMoreThanTheirBoundsAreRead) {
  std::vector<AptRepository> repositories;
  for (size_t i = 0; i <= kMostRepositoryKeys; ++i) {
    repositories.push_back(repository(""));
    repositories.back().distribution = fmt::format("suite{}", i);
  }
  EXPECT_THAT(look(repositories), SizeIs(kMostRepositoryKeys));
  EXPECT_THAT(problems_, ElementsAre("only 500 of 501 keys of repositories are listed"));

  const SigningKey key({});
  const std::string signature = key.detached_signature("x");
  std::string many;
  for (size_t i = 0; i <= kMostKeyrings; ++i)
    many += fmt::format("/keyring{},", i);
  EXPECT_EQ(look_at_one(repository(signature, many)).state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
}

}  // namespace
}  // namespace muster::packages_apt
