// The probe at roots that are broken or mean harm: nothing runs, nothing is written, nothing
// outside is read, and what cannot be read is said.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/agent/probes/packages_apt/apt_oracle.h"
#include "tests/agent/probes/packages_apt/apt_world.h"
#include "tests/agent/probes/packages_apt/command.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class HostileRoot : public ::testing::Test {
 protected:
  void SetUp() override {
    Repository repository = {"main", "bookworm", "Origin: Debian\nLabel: Debian\n", {}};
    for (int i = 0; i < 50; ++i)
      repository.packages.push_back({fmt::format("package{}", i), "2.0"});
    repository.packages.push_back({"phased", "2.0", "Phased-Update-Percentage: 0\n"});
    world_.add(repository);
    world_.write_status({{"dpkg", "1.21"}, {"package7", "1.0"}, {"phased", "1.0"}});
    ASSERT_TRUE(world_.update_lists());
  }

  // Every name below the root with what a write would change.
  std::string state_of_root() const {
    std::ostringstream state;
    for (const auto& entry : fs::recursive_directory_iterator(world_.root())) {
      struct stat found {};
      ::lstat(entry.path().c_str(), &found);
      state << entry.path() << ' ' << found.st_ino << ' ' << found.st_mode << ' ' << found.st_size
            << ' ' << found.st_mtim.tv_sec << '.' << found.st_mtim.tv_nsec << ' '
            << found.st_ctim.tv_sec << '.' << found.st_ctim.tv_nsec << '\n';
    }
    return state.str();
  }

  static std::string read(const std::string& path) {
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
  }

  // The look failed, and said `part`.
  void expect_failure(const std::string& part) const {
    const v1::Section section = run_probe(world_.root());
    EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
    EXPECT_THAT(section.reason(), HasSubstr(part));
  }

  // The look failed, or has problems.
  void expect_complaint(const std::vector<std::string>& prefix = {}) const {
    const v1::Section section = run_probe(world_.root(), prefix);
    if (section.outcome() == v1::OUTCOME_FAILED) {
      EXPECT_NE(section.reason(), "");
      return;
    }
    v1::PackageFacts facts;
    ASSERT_TRUE(facts.ParseFromString(section.facts()));
    EXPECT_GT(facts.problems_size(), 0);
  }

  AptWorld world_;
};

TEST_F(HostileRoot, NothingItsConfigurationNamesIsRun) {
  const std::string marker = world_.directory() + "/marker";
  const std::string program = world_.directory() + "/program";
  std::ofstream(program) << "#!/bin/sh\necho \"$0 $@\" >> " << marker << "\n";
  fs::permissions(program, fs::perms{0755});
  ASSERT_EQ(run_command({program}).status, 0);
  ASSERT_TRUE(fs::remove(marker)) << "the program works";
  for (const char* made : {"solvers", "planners", "methods"}) {
    fs::create_directory(world_.directory() + "/" + made);
    for (const char* name : {"evil", "copy", "internal"})
      fs::copy(program, fmt::format("{}/{}/{}", world_.directory(), made, name));
  }
  std::string settings;
  for (const char* name :
       {"Dir::Bin::dpkg", "Dir::Bin::ischroot", "Dir::Bin::apt-key", "Dir::Bin::gpg",
        "Dir::Bin::gzip", "Dir::Bin::lz4", "Dir::Bin::xz", "Dir::Bin::dpkg-source",
        "APT::Compressor::evil::Binary", "APT::Update::Pre-Invoke::", "APT::Update::Post-Invoke::",
        "APT::Update::Post-Invoke-Success::", "DPkg::Pre-Invoke::", "DPkg::Post-Invoke::",
        "DPkg::Pre-Install-Pkgs::", "AptCli::Hooks::Upgrade::",
        "Acquire::http::Proxy-Auto-Detect"}) {
    settings += fmt::format("{} \"{}\";\n", name, program);
  }
  for (const char* name : {"solvers", "planners", "methods"})
    settings += fmt::format("Dir::Bin::{0}:: \"{1}/{0}\";\n", name, world_.directory());
  settings += "APT::Solver \"evil\";\nAPT::Planner \"evil\";\nAPT::Architectures \"\";\n";
  settings += fmt::format("DPkg::Path \"{}\";\n", world_.directory());
  world_.write("etc/apt/apt.conf.d/99evil", settings);
  world_.write("etc/apt/apt.conf", settings);
  fs::remove(world_.root() + "/var/lib/dpkg/arch");  // else nobody would have to ask dpkg

  const v1::PackageFacts facts = probe_facts(world_.root());
  EXPECT_EQ(updates_to_install(facts), UpdateSet{"package7:amd64 1.0 -> 2.0"});
  EXPECT_FALSE(fs::exists(marker)) << read(marker);
}

TEST_F(HostileRoot, NothingBelowItChanges) {
  // Where apt would write its caches and dump its decisions, were it asked.
  world_.write("etc/apt/apt.conf.d/99write",
               fmt::format("Dir::Cache::pkgcache \"pkgcache.bin\";\n"
                           "Dir::Cache::srcpkgcache \"srcpkgcache.bin\";\n"
                           "Dir::Log::Solver \"{}/var/log/solver\";\n",
                           world_.root()));
  fs::create_directories(world_.root() + "/var/log");
  const std::string before = state_of_root();
  EXPECT_EQ(all_updates(probe_facts(world_.root())).size(), 2u);
  EXPECT_EQ(state_of_root(), before);
}

TEST_F(HostileRoot, DoesNotTrustACacheItBrings) {
  fs::create_directories(world_.root() + "/var/cache/apt");
  world_.write("var/cache/apt/pkgcache.bin", std::string(1 << 20, '\x7f'));
  world_.write("var/cache/apt/srcpkgcache.bin", std::string(1 << 20, '\x7f'));
  EXPECT_EQ(all_updates(probe_facts(world_.root(), unprivileged())).size(), 2u);
}

TEST_F(HostileRoot, DoesNotFollowIncludesOutOfTheRoot) {
  const std::string outside = world_.directory() + "/outside.conf";
  std::ofstream(outside) << "APT::Get::Always-Include-Phased-Updates \"true\";\n";
  for (const char* directive :
       {"#include \"{}\";\n", "%23include \"{}\";\n", "\"#include\" {};\n"}) {
    world_.write("etc/apt/apt.conf.d/99include", fmt::format(fmt::runtime(directive), outside));
    const v1::PackageFacts facts = probe_facts(world_.root());
    EXPECT_EQ(updates_to_install(facts).size(), 1u) << "the phased update stays away";
    EXPECT_THAT(facts.problems(), Contains(HasSubstr("99include was left out")));
  }
}

TEST_F(HostileRoot, DirectorySettingsStayInside) {
  const std::string outside = world_.directory() + "/outside";
  fs::copy(world_.root() + "/var/lib/apt/lists", outside, fs::copy_options::recursive);
  for (const std::string& setting :
       {fmt::format("Dir::State::lists \"{}/\";", outside),
        fmt::format("Dir::State::lists \"../../../../../../../..{}/\";", outside),
        fmt::format("RootDir \"/../../../../../../..{}\";", world_.directory()),
        fmt::format("Dir \"{}\";", world_.directory())}) {
    world_.write("etc/apt/apt.conf.d/99out", setting);
    const v1::Section section = run_probe(world_.root());
    v1::PackageFacts facts;
    ASSERT_TRUE(facts.ParseFromString(section.facts()));
    EXPECT_FALSE(facts.lists_present()) << setting << section.reason();
  }
}

TEST_F(HostileRoot, LinksInItAreFollowedInsideOrNotAtAll) {
  // A directory moved by a link that is absolute in the image: fine.
  fs::create_directories(world_.root() + "/usr/lib");
  fs::rename(world_.root() + "/var/lib/dpkg", world_.root() + "/usr/lib/dpkg");
  fs::create_symlink("/usr/lib/dpkg", world_.root() + "/var/lib/dpkg");
  EXPECT_EQ(all_updates(probe_facts(world_.root())).size(), 2u);
  // A list that is a file of this system: not fine.
  const std::string list = world_.list_file("binary-amd64_Packages");
  ASSERT_NE(list, "");
  fs::rename(list, world_.directory() + "/outside");
  fs::create_symlink(world_.directory() + "/outside", list);
  expect_failure("leads out of");
}

TEST_F(HostileRoot, APipeDoesNotHoldItUp) {
  ASSERT_EQ(::mkfifo((world_.root() + "/etc/apt/sources.list.d/pipe.list").c_str(), 0600), 0);
  expect_failure("sources.list.d/pipe.list is not a regular file");
}

// Keyrings, files of kernels and units: links in them stay inside, and no pipe is waited for.
TEST_F(HostileRoot, WhatTellsOfKeysKernelsAndJobsIsReadInsideItOnly) {
  world_.append("var/lib/dpkg/status",
                "Package: linux-image-6.1.0-28-amd64\nStatus: install ok installed\n"
                "Architecture: amd64\nVersion: 6.1.119-1\nDescription: x\n\n"
                "Package: linux-image-6.1.0-29-amd64\nStatus: install ok installed\n"
                "Architecture: amd64\nVersion: 6.1.120-1\nDescription: x\n\n");
  const std::string outside = world_.directory() + "/outside";
  std::ofstream(outside) << "/boot/vmlinuz-from-outside\n";
  const std::string info = world_.root() + "/var/lib/dpkg/info/linux-image-6.1.0-";
  world_.write("var/lib/dpkg/info/format", "1\n");
  fs::create_symlink(outside, info + "28-amd64.list");
  ASSERT_EQ(::mkfifo((info + "29-amd64.list").c_str(), 0600), 0);
  world_.write("etc/apt/keyrings/README", "");
  ASSERT_EQ(::mkfifo((world_.root() + "/etc/apt/keyrings/pipe.gpg").c_str(), 0600), 0);
  world_.write(
      "etc/apt/sources.list.d/main.list",
      fmt::format("deb [signed-by=/etc/apt/keyrings/pipe.gpg,{}] copy:{}/main bookworm main\n",
                  outside, world_.directory()));
  const std::string release = world_.list_file("bookworm_Release");
  std::ofstream(release + ".gpg")
      << "-----BEGIN PGP SIGNATURE-----\n\n"
         "iBQEABYKAAAACgkQAQIDBAUGBwgAAA==\n-----END PGP SIGNATURE-----\n";
  fs::create_directories(world_.root() + "/etc/systemd");
  fs::create_symlink("../../../../../../../..", world_.root() + "/etc/systemd/system");

  const v1::PackageFacts facts = probe_facts(world_.root());
  ASSERT_EQ(facts.kernels_size(), 2);
  EXPECT_EQ(facts.kernels(0).release(), "6.1.0-29-amd64");
  EXPECT_EQ(facts.kernels(1).release(), "6.1.0-28-amd64") << "by its name, not from outside";
  ASSERT_EQ(facts.repository_keys_size(), 1);
  EXPECT_EQ(facts.repository_keys(0).state(), v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  EXPECT_EQ(facts.repository_keys(0).fingerprint(), "0102030405060708");
  EXPECT_THAT(facts.repository_keys(0).keyrings(),
              ElementsAre(HasSubstr("pipe.gpg (it is not a regular file"), outside));
}

TEST_F(HostileRoot, AListThatIsCutOffIsSeenWhereverItIsCut) {
  const std::string list = world_.list_file("binary-amd64_Packages");
  ASSERT_NE(list, "");
  const std::string whole = read(list);
  for (const size_t size :
       {whole.size() - 1, whole.size() / 2, whole.find("\n\n") + 2, size_t{7}, size_t{0}}) {
    std::ofstream(list, std::ios::trunc) << whole.substr(0, size);
    SCOPED_TRACE(size);
    expect_complaint();
  }
  fs::remove(list);
  expect_complaint();
  std::ofstream(list) << whole;
  EXPECT_EQ(probe_facts(world_.root()).problems_size(), 0);
}

TEST_F(HostileRoot, AnInterruptedDpkgIsSeen) {
  fs::create_directory(world_.root() + "/var/lib/dpkg/updates");
  EXPECT_EQ(probe_facts(world_.root()).problems_size(), 0);
  world_.write("var/lib/dpkg/updates/0001", "Package: package7\n");
  EXPECT_THAT(probe_facts(world_.root()).problems(),
              Contains(HasSubstr("run dpkg --configure -a")));
}

TEST_F(HostileRoot, DirectoriesThatAreMissingAreNoProblem) {
  fs::remove_all(world_.root() + "/etc/apt/preferences.d");
  fs::remove_all(world_.root() + "/etc/apt/apt.conf.d");
  fs::rename(world_.root() + "/etc/apt/sources.list.d/main.list",
             world_.root() + "/etc/apt/sources.list");
  fs::remove_all(world_.root() + "/etc/apt/sources.list.d");
  const v1::PackageFacts facts = probe_facts(world_.root());
  EXPECT_EQ(facts.problems_size(), 0);
  EXPECT_EQ(all_updates(facts).size(), 2u);
}

TEST_F(HostileRoot, GarbageInsteadOfAFileIsSeen) {
  std::string bytes;
  for (int i = 0; i < 20000; ++i)
    bytes += static_cast<char>((i * 7919) >> 3);
  const struct {
    std::string path;
    std::string content;
  } cases[] = {
      {"var/lib/dpkg/status", bytes},
      {"var/lib/dpkg/status", "Package: half\nStatus: what ever this is\n\n"},
      {"etc/apt/sources.list.d/broken.list", "deb nonsense\n"},
      {"etc/apt/sources.list.d/broken.sources", "Types: deb\nURIs: x\n"},
      {"etc/apt/preferences.d/broken", "Package: x\nPin: what\n"},
      {"etc/apt/apt.conf.d/broken", "APT { \"unfinished"},
      {"etc/apt/apt.conf.d/broken", std::string((1 << 20) + 1, ' ')},
      {"var/lib/apt/extended_states", bytes},
  };
  for (const auto& [path, content] : cases) {
    const std::string file = world_.root() + "/" + path;
    const bool existed = fs::exists(file);
    const std::string good = existed ? read(file) : "";
    world_.write(path, content);
    SCOPED_TRACE(path);
    expect_complaint();
    if (existed)
      world_.write(path, good);
    else
      fs::remove(file);
  }
}

TEST_F(HostileRoot, WhatMayNotBeReadIsSeen) {
  world_.write("etc/apt/sources.list", "# nothing\n");
  world_.write("etc/apt/preferences", "");
  world_.write("etc/apt/apt.conf", "");
  world_.write("etc/apt/preferences.d/pin", "Package: *\nPin: release o=x\nPin-Priority: 1\n");
  world_.write("etc/apt/apt.conf.d/setting", "APT::Install-Recommends \"false\";\n");
  const struct {
    std::string path;
    bool fails;  // or is a problem
  } cases[] = {
      {"var/lib/dpkg/status", true},        {"var/lib/dpkg/arch", true},
      {"etc/apt/apt.conf", false},          {"etc/apt/preferences", false},
      {"etc/apt/sources.list", false},      {"etc/apt/sources.list.d/main.list", false},
      {"etc/apt/preferences.d/pin", false}, {"etc/apt/apt.conf.d/setting", false},
  };
  for (const auto& [path, fails] : cases) {
    const std::string file = world_.root() + "/" + path;
    fs::permissions(file, fs::perms::none);
    const v1::Section section = run_probe(world_.root(), unprivileged());
    fs::permissions(file, fs::perms{0644});
    v1::PackageFacts facts;
    ASSERT_TRUE(facts.ParseFromString(section.facts()));
    EXPECT_EQ(section.outcome(), fails ? v1::OUTCOME_FAILED : v1::OUTCOME_OBSERVED) << path;
    ASSERT_EQ(facts.problems_size(), fails ? 0 : 1) << path;
    const std::string said = fails ? section.reason() : facts.problems(0);
    EXPECT_THAT(said, HasSubstr("/" + path));
    EXPECT_THAT(said, HasSubstr("ermission denied"));
  }
}

TEST_F(HostileRoot, ADirectoryThatMayNotBeReadIsSeen) {
  for (const char* path : {"etc/apt/sources.list.d", "etc/apt/preferences.d", "etc/apt/apt.conf.d",
                           "var/lib/apt/lists", "var/lib/apt", "var/lib/dpkg"}) {
    SCOPED_TRACE(path);
    fs::permissions(world_.root() + "/" + path, fs::perms::none);
    expect_complaint(unprivileged());
    fs::permissions(world_.root() + "/" + path, fs::perms{0755});
  }
}

}  // namespace
}  // namespace muster::test
