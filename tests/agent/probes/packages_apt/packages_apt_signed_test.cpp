// Signed repositories beside the real apt: what it takes lists from, the probe calls valid.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/agent/probes/packages_apt/apt_oracle.h"
#include "tests/agent/probes/packages_apt/apt_world.h"
#include "tests/agent/probes/packages_apt/command.h"
#include "tests/agent/probes/packages_apt/signing_key.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint32_t kDay = 24 * 3600;
constexpr uint32_t kThirtyYears = 30 * 365 * kDay;
constexpr const char* kKeyring = "etc/apt/keyrings/test.gpg";
constexpr const char* kTrusted = "etc/apt/trusted.gpg.d/test.asc";

// A repository that apt reads in place, so that the paths of keyrings are those of the root.
class SignedRepository : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.add({"main", "bookworm", "Origin: Debian\nLabel: Debian\n", {{"plain", "1.1"}}});
    world_.write_status({{"dpkg", "1.21"}, {"plain", "1.0"}});
    world_.write("etc/apt/apt.conf.d/00test",
                 "APT::Sandbox::User \"root\";\nDir::Cache::pkgcache \"\";\n"
                 "Dir::Cache::srcpkgcache \"\";\nAcquire::Languages \"none\";\n");
    fs::create_directories(world_.root() + "/etc/apt/trusted.gpg.d");
    fs::remove(world_.root() + "/etc/apt/sources.list.d/main.list");
  }

  std::string release_file(const std::string& name) const {
    return fmt::format("{}/main/dists/bookworm/{}", world_.directory(), name);
  }

  std::string release() const {
    std::ostringstream text;
    text << std::ifstream(release_file("Release")).rdbuf();
    return text.str();
  }

  void sign_inline(const SigningKey& key) const {
    std::ofstream(release_file("InRelease")) << key.signed_inline(release());
  }

  // One line, with these options.
  void write_source(const std::string& options) const {
    world_.write("etc/apt/sources.list.d/main.list",
                 fmt::format("deb [{}] copy:{}/main bookworm main\n", options, world_.directory()));
  }

  // What apt fetches, from nothing on.
  bool apt_takes_it() const {
    fs::remove_all(world_.root() + "/var/lib/apt/lists");
    fs::create_directories(world_.root() + "/var/lib/apt/lists/partial");
    return update();
  }

  bool update() const {
    std::vector<std::string> command = world_.in_place();
    command.insert(command.end(), {"apt-get", "-qq", "update"});
    run_command(command, {"LC_ALL=C"});
    return !world_.list_file("Release").empty();
  }

  v1::RepositoryKey found_key() const {
    const v1::PackageFacts facts = probe_facts(world_.root());
    EXPECT_THAT(facts.problems(), IsEmpty());
    EXPECT_THAT(facts.repository_keys(), SizeIs(1));
    return facts.repository_keys_size() == 1 ? facts.repository_keys(0) : v1::RepositoryKey();
  }

  // The lists are there from a time when all was well; the probe says how it stands now, and apt
  // would take them again if that is well.
  void expect(v1::RepositoryKeyState state) const {
    EXPECT_EQ(found_key().state(), state);
    EXPECT_EQ(apt_takes_it(), state == v1::REPOSITORY_KEY_STATE_VALID ||
                                  state == v1::REPOSITORY_KEY_STATE_UNSIGNED);
  }

  AptWorld world_;
};

TEST_F(SignedRepository, AKeyOfItsKeyringIsValid) {
  const SigningKey key({.lasts = kThirtyYears, .with_subkey = true});
  sign_inline(key);
  world_.write(kKeyring, key.binary());
  write_source("signed-by=/etc/apt/keyrings/test.gpg");
  ASSERT_TRUE(apt_takes_it());
  const v1::RepositoryKey found = found_key();
  EXPECT_EQ(found.repository(), "bookworm");
  EXPECT_EQ(found.fingerprint(), key.fingerprint());
  EXPECT_TRUE(found.has_not_after());
  expect(v1::REPOSITORY_KEY_STATE_VALID);
}

TEST_F(SignedRepository, AKeyThatHasEndedWasRevokedOrIsGoneIsNot) {
  SigningKey key({});
  const SigningKey other({});
  sign_inline(key);
  const std::string well = key.armored();
  world_.write("etc/apt/keyrings/test.asc", well);
  write_source("signed-by=/etc/apt/keyrings/test.asc");
  ASSERT_TRUE(apt_takes_it());
  expect(v1::REPOSITORY_KEY_STATE_VALID);
  world_.write("etc/apt/keyrings/test.asc", other.armored());
  expect(v1::REPOSITORY_KEY_STATE_MISSING);

  const auto fetch_again = [&] {
    world_.write("etc/apt/keyrings/test.asc", well);
    ASSERT_TRUE(apt_takes_it());
  };
  fetch_again();
  key.extend(kDay);
  world_.write("etc/apt/keyrings/test.asc", key.armored());
  expect(v1::REPOSITORY_KEY_STATE_EXPIRED);
  fetch_again();
  key.revoke();
  world_.write("etc/apt/keyrings/test.asc", key.armored());
  expect(v1::REPOSITORY_KEY_STATE_REVOKED);
}

TEST_F(SignedRepository, AptsOwnKeyringsCountWhereTheSourceNamesNone) {
  const SigningKey key({});
  sign_inline(key);
  world_.write(kTrusted, key.armored());
  write_source("arch=amd64");
  ASSERT_TRUE(apt_takes_it());
  expect(v1::REPOSITORY_KEY_STATE_VALID);
  // Then the source asks for a key by its fingerprint.
  for (const auto& [fingerprint, state] :
       {std::pair(key.fingerprint(), v1::REPOSITORY_KEY_STATE_VALID),
        std::pair(std::string(40, 'A'), v1::REPOSITORY_KEY_STATE_MISSING)}) {
    write_source("signed-by=" + fingerprint);
    expect(state);
  }
}

TEST_F(SignedRepository, TheKeyMayBeInTheSource) {
  const SigningKey key({});
  sign_inline(key);
  std::string lines;
  std::istringstream armored(key.armored());
  for (std::string line; std::getline(armored, line);) {
    lines += fmt::format(" {}\n", line.empty() ? "." : line);
  }
  world_.write("etc/apt/sources.list.d/main.sources",
               fmt::format("Types: deb\nURIs: copy:{}/main\nSuites: bookworm\nComponents: "
                           "main\nSigned-By:\n{}",
                           world_.directory(), lines));
  ASSERT_TRUE(apt_takes_it());
  expect(v1::REPOSITORY_KEY_STATE_VALID);
}

TEST_F(SignedRepository, ASignatureMayBeBesideTheReleaseFile) {
  const SigningKey key({});
  std::ofstream(release_file("Release.gpg")) << key.detached_signature(release());
  world_.write(kKeyring, key.binary());
  write_source("signed-by=/etc/apt/keyrings/test.gpg");
  ASSERT_TRUE(apt_takes_it());
  expect(v1::REPOSITORY_KEY_STATE_VALID);
  fs::remove(world_.root() + "/" + kKeyring);
  expect(v1::REPOSITORY_KEY_STATE_MISSING);
}

TEST_F(SignedRepository, OneOfTwoSignaturesIsEnough) {
  const SigningKey known({});
  const SigningKey unknown({});
  std::ofstream(release_file("Release.gpg"))
      << unknown.detached_signature(release()) << known.detached_signature(release());
  world_.write(kKeyring, known.binary());
  write_source("signed-by=/etc/apt/keyrings/test.gpg");
  ASSERT_TRUE(apt_takes_it());
  EXPECT_EQ(found_key().fingerprint(), known.fingerprint());
  expect(v1::REPOSITORY_KEY_STATE_VALID);
}

// A key that is there in a form that apt 2.6 does not read: a newer apt does.
TEST_F(SignedRepository, AKeyringInAFormThatAptSkipsIsSaidAndNotJudged) {
  const SigningKey key({});
  sign_inline(key);
  std::string with_carriage_returns;
  for (const char c : key.armored())
    with_carriage_returns += c == '\n' ? "\r\n" : std::string(1, c);
  for (const auto& [name, content] :
       {std::pair("test.gpg", key.armored()), std::pair("test.asc", with_carriage_returns)}) {
    world_.write("etc/apt/keyrings/good.asc", key.armored());
    write_source("signed-by=/etc/apt/keyrings/good.asc");
    ASSERT_TRUE(apt_takes_it());
    world_.write(fmt::format("etc/apt/keyrings/{}", name), content);
    write_source(fmt::format("signed-by=/etc/apt/keyrings/{}", name));
    const v1::PackageFacts facts = probe_facts(world_.root());
    ASSERT_THAT(facts.repository_keys(), SizeIs(1));
    EXPECT_EQ(facts.repository_keys(0).state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
    EXPECT_THAT(facts.repository_keys(0).keyrings(),
                ElementsAre(HasSubstr("apt before 3.0 takes no key from it")));
    EXPECT_FALSE(apt_takes_it()) << name;
  }
}

TEST_F(SignedRepository, OfOneThatWasNeverFetchedAMissingKeyringIsTold) {
  const SigningKey key({});
  sign_inline(key);
  write_source("signed-by=/etc/apt/keyrings/test.gpg");
  EXPECT_FALSE(apt_takes_it());
  const auto state = [&] {
    const v1::PackageFacts facts = probe_facts(world_.root());
    EXPECT_THAT(facts.problems(), SizeIs(1)) << "that its lists are not there";
    EXPECT_THAT(facts.repository_keys(), SizeIs(1));
    return facts.repository_keys_size() == 1 ? facts.repository_keys(0).state()
                                             : v1::REPOSITORY_KEY_STATE_VALID;
  };
  EXPECT_EQ(state(), v1::REPOSITORY_KEY_STATE_MISSING);
  world_.write(kKeyring, key.binary());
  EXPECT_EQ(state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  ASSERT_TRUE(update());
  expect(v1::REPOSITORY_KEY_STATE_VALID);
}

TEST_F(SignedRepository, ASourceThatIsTrustedAnywayIsUnsigned) {
  const SigningKey key({});
  sign_inline(key);
  write_source("trusted=yes");
  ASSERT_TRUE(apt_takes_it());
  expect(v1::REPOSITORY_KEY_STATE_UNSIGNED);
}

}  // namespace
}  // namespace muster::test
