// Repositories that nobody signed, or that pass for another, in roots that the real apt filled:
// each is told of, so that none can hide behind one that is well.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "agent/probes/packages_apt/apt_lists_check.h"
#include "agent/probes/packages_apt/release_file.h"
#include "tests/agent/probes/packages_apt/apt_oracle.h"
#include "tests/agent/probes/packages_apt/apt_world.h"
#include "tests/agent/probes/packages_apt/command.h"
#include "tests/agent/probes/packages_apt/signing_key.h"
#include "tests/common/policy/judging.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// "NAME (SITE) NUMBER STATE".
std::vector<std::string> keys_of(const v1::PackageFacts& facts) {
  std::vector<std::string> lines;
  for (const v1::RepositoryKey& key : facts.repository_keys()) {
    const std::string state = v1::RepositoryKeyState_Name(key.state());
    lines.push_back(fmt::format("{} ({}) {} {}", key.repository(), key.site(), key.number(),
                                state.substr(state.rfind('_') + 1)));
  }
  return lines;
}

v1::Status verdict_of(const v1::PackageFacts& facts) {
  return testing::judge(testing::control_of("repository_keys_valid"),
                        {testing::observed("packages-apt", facts)})
      .status();
}

class UnsignedRepository : public ::testing::Test {
 protected:
  void SetUp() override {
    add_repository("main", {{"plain", "1.1"}});
    world_.write_status({{"dpkg", "1.21"}, {"plain", "1.0"}});
    world_.write("etc/apt/apt.conf.d/00test",
                 "APT::Sandbox::User \"root\";\nDir::Cache::pkgcache \"\";\n"
                 "Dir::Cache::srcpkgcache \"\";\nAcquire::Languages \"none\";\n");
    world_.write("etc/apt/keyrings/debian.asc", key_.armored());
    sign_main("");
    write_source("main", "signed-by=/etc/apt/keyrings/debian.asc", "copy:" + world_.directory(),
                 "/main bookworm main");
  }

  void add_repository(const std::string& name, const std::vector<Stanza>& packages) const {
    world_.add({name, "bookworm", "Origin: Debian\nLabel: Debian\n", packages});
  }

  // With more fields.
  void sign_main(const std::string& fields) const {
    const std::string dists = world_.directory() + "/main/dists/bookworm/";
    std::ofstream(dists + "InRelease")
        << key_.signed_inline(fields + content_of(dists + "Release"));
  }

  void write_source(const std::string& name, const std::string& options, const std::string& base,
                    const std::string& rest) const {
    world_.write(fmt::format("etc/apt/sources.list.d/{}.list", name),
                 fmt::format("deb [{}] {}{}\n", options, base, rest));
  }

  v1::PackageFacts fetch_and_look() const {
    std::vector<std::string> command = world_.in_place();
    command.insert(command.end(), {"apt-get", "-qq", "update"});
    EXPECT_EQ(run_command(command, {"LC_ALL=C"}).status, 0);
    return probe_facts(world_.root());
  }

  // As if it had been fetched from that host.
  void move_to_host(const std::string& name, const std::string& options,
                    const std::string& host) const {
    const std::string lists = world_.root() + "/var/lib/apt/lists/";
    const std::string place = fmt::format("_{}_dists_", name);
    std::vector<fs::path> files(fs::directory_iterator(lists), fs::directory_iterator{});
    for (const fs::path& file : files) {
      const std::string old_name = file.filename();
      const size_t found = old_name.find(place);
      if (found == std::string::npos) continue;
      fs::rename(file, lists + host + "_debian_dists_" + old_name.substr(found + place.size()));
    }
    write_source(name, options, "http://" + host, "/debian bookworm main");
  }

  AptWorld world_;
  const SigningKey key_{{}};
};

TEST_F(UnsignedRepository, WithoutAReleaseFileIsToldOf) {
  fs::create_directories(world_.directory() + "/flat");
  std::ofstream(world_.directory() + "/flat/Packages")
      << "Package: plain\nVersion: 6.6\nArchitecture: amd64\nMaintainer: E <e@example.org>\n"
         "Filename: plain.deb\nSize: 1\nDescription: plain\n\n";
  const std::string address = fmt::format("copy:{}/flat", world_.directory());
  write_source("flat", "trusted=yes", address, " ./");
  const v1::PackageFacts facts = fetch_and_look();
  ASSERT_THAT(facts.pending_updates(), SizeIs(1));
  EXPECT_EQ(facts.pending_updates(0).candidate_version(), "6.6") << "apt takes it";
  EXPECT_THAT(keys_of(facts), ElementsAre("bookworm () 0 VALID", "without a name () 0 UNSIGNED"));
  EXPECT_EQ(facts.repository_keys(1).reason(), address + "/ ./ has no Release file");
  EXPECT_EQ(verdict_of(facts), v1::STATUS_FAIL);
}

TEST_F(UnsignedRepository, WhoseReleaseFileIsTooLargeToBeReadIsToldOf) {
  std::string long_field = "Description: long\n";
  const std::string line = " " + std::string(1000, 'x') + "\n";
  while (long_field.size() <= packages_apt::kLargestReleaseFile)
    long_field += line;
  sign_main(long_field);
  const v1::PackageFacts facts = fetch_and_look();
  EXPECT_THAT(facts.pending_updates(), SizeIs(1)) << "apt takes it";
  EXPECT_THAT(keys_of(facts), ElementsAre("without a name () 0 UNSPECIFIED"));
  EXPECT_THAT(facts.repository_keys(0).reason(), HasSubstr("its InRelease could not be read: "));
  EXPECT_EQ(verdict_of(facts), v1::STATUS_UNKNOWN);
}

TEST_F(UnsignedRepository, ThatCallsItselfDebianIsNotTakenForIt) {
  add_repository("evil", {{"plain", "6.6"}});
  const v1::PackageFacts of_files = fetch_and_look();
  EXPECT_THAT(keys_of(of_files), ElementsAre("bookworm () 0 UNSIGNED", "bookworm () 1 VALID"));
  EXPECT_EQ(verdict_of(of_files), v1::STATUS_FAIL);
  move_to_host("main", "signed-by=/etc/apt/keyrings/debian.asc", "deb.debian.org");
  move_to_host("evil", "trusted=yes", "evil.example.org");
  const v1::PackageFacts facts = probe_facts(world_.root());
  EXPECT_THAT(facts.problems(), IsEmpty());
  EXPECT_EQ(facts.pending_updates(0).candidate_version(), "6.6") << "apt takes it";
  EXPECT_THAT(keys_of(facts), ElementsAre("bookworm (deb.debian.org) 0 VALID",
                                          "bookworm (evil.example.org) 0 UNSIGNED"));
  EXPECT_EQ(verdict_of(facts), v1::STATUS_FAIL);
}

TEST_F(UnsignedRepository, IsNotHiddenByManyOthers) {
  std::string others;
  for (size_t i = 0; i < packages_apt::kMostRepositories; ++i)
    others += fmt::format("deb http://deb.example.org/debian suite{:03} main\n", i);
  world_.write("etc/apt/sources.list.d/a.list", others);
  const v1::PackageFacts facts = probe_facts(world_.root());
  ASSERT_THAT(facts.repository_keys(), SizeIs(packages_apt::kMostRepositories));
  EXPECT_EQ(keys_of(facts).front(), " () 0 UNSPECIFIED");
  EXPECT_EQ(facts.repository_keys(0).reason(), "only 500 of 501 repositories were looked at");
  EXPECT_NE(verdict_of(facts), v1::STATUS_PASS);
}

}  // namespace
}  // namespace muster::test
