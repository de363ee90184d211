// The probe beside apt's own cache on disk: used where it is valid, with the same answer, and never
// written; and the same answers as apt where the whole world has to be asked.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/agent/probes/packages_apt/apt_oracle.h"
#include "tests/agent/probes/packages_apt/apt_world.h"
#include "tests/agent/probes/packages_apt/command.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

class PackagesAptCache : public ::testing::Test {
 protected:
  void SetUp() override {
    // "bridge" and its kind are installed nowhere: an update may need them.
    world_.add({"main",
                "bookworm",
                "Origin: Debian\nLabel: Debian\nSuite: stable\n",
                {{"dpkg", "1.21"},
                 {"plain", "1.1"},
                 {"held", "1.1"},
                 {"phased", "1.1", "Phased-Update-Percentage: 0\n"},
                 {"needs-virtual", "1.1", "Depends: virtual\n"},
                 {"bridge", "1.0", "Provides: virtual\nRecommends: far\n"},
                 {"far", "1.0", "Conflicts: stranger\n"},
                 {"stranger", "1.0", "Depends: plain (= 1.0)\n"},
                 {"unmet", "1.1", "Depends: absent\n"},
                 {"core", "1.1"},
                 {"vital", "1.0", "Essential: yes\n"}}});
    world_.write_status({{"dpkg", "1.21"},
                         {"plain", "1.0"},
                         {"held", "1.0", "", "amd64", "hold ok installed"},
                         {"phased", "1.0"},
                         {"needs-virtual", "1.0"},
                         {"unmet", "1.0"},
                         {"core", "1.0"}});
    ASSERT_TRUE(world_.update_lists());
  }

  // As apt itself does after each of its changes.
  void make_cache() const {
    std::vector<std::string> command = world_.in_place();
    command.insert(command.end(), {"apt-cache", "-q", "gencaches"});
    ASSERT_EQ(run_command(command).status, 0);
    ASSERT_TRUE(fs::exists(cache_file()));
  }

  std::string cache_file() const { return world_.root() + "/var/cache/apt/pkgcache.bin"; }

  // Every file of apt's cache directory with what a write would change.
  std::map<std::string, std::string> cache_state() const {
    std::map<std::string, std::string> state;
    for (const auto& entry : fs::recursive_directory_iterator(world_.root() + "/var/cache/apt")) {
      struct stat found {};
      ::lstat(entry.path().c_str(), &found);
      state[entry.path()] = fmt::format("{} {} {}.{}", found.st_ino, found.st_size,
                                        found.st_mtim.tv_sec, found.st_mtim.tv_nsec);
    }
    return state;
  }

  v1::PackageFacts facts_in_place() const { return probe_facts("/", world_.in_place()); }

  void expect_as_apt(const v1::PackageFacts& facts) const {
    EXPECT_EQ(all_updates(facts), listed_as_upgradable(world_.apt_configuration()));
    EXPECT_EQ(updates_to_install(facts), upgraded_by_dist_upgrade(world_.apt_configuration()));
    EXPECT_EQ(facts.installed(), listed(world_.apt_configuration(), "?installed"));
    EXPECT_EQ(facts.obsolete(), listed(world_.apt_configuration(), "?obsolete"));
    // An image's own cache is never used.
    EXPECT_EQ(facts.SerializeAsString(), probe_facts(world_.root()).SerializeAsString());
  }

  AptWorld world_;
};

TEST_F(PackagesAptCache, ChangesNoAnswer) {
  const v1::PackageFacts without = facts_in_place();
  expect_as_apt(without);
  EXPECT_THAT(updates_to_install(without), ::testing::Contains("needs-virtual:amd64 1.0 -> 1.1"));
  make_cache();
  EXPECT_EQ(facts_in_place().SerializeAsString(), without.SerializeAsString());
}

// To apt, too, a file is what it was while its size and its second of change are.
TEST_F(PackagesAptCache, IsBelievedWhileAptWouldBelieveIt) {
  make_cache();
  const std::string status = world_.root() + "/var/lib/dpkg/status";
  const auto time = fs::last_write_time(status);
  const std::string before = facts_in_place().SerializeAsString();
  world_.write_status({{"dpkg", "1.21"},
                       {"plain", "1.1"},
                       {"held", "1.0", "", "amd64", "hold ok installed"},
                       {"phased", "1.0"},
                       {"needs-virtual", "1.0"},
                       {"unmet", "1.0"},
                       {"core", "1.0"}});
  fs::last_write_time(status, time);
  EXPECT_EQ(facts_in_place().SerializeAsString(), before) << "read from the cache";
  fs::remove(cache_file());
  EXPECT_NE(facts_in_place().SerializeAsString(), before);
}

TEST_F(PackagesAptCache, IsNeverWritten) {
  const auto without = cache_state();
  facts_in_place();
  EXPECT_EQ(cache_state(), without) << "none was made";
  make_cache();
  const auto made = cache_state();
  facts_in_place();
  EXPECT_EQ(cache_state(), made) << "a valid one was left alone";
  world_.append("var/lib/dpkg/status",
                "Package: more\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n"
                "Description: x\n\n");
  facts_in_place();
  EXPECT_EQ(cache_state(), made) << "an old one was left alone";
}

TEST_F(PackagesAptCache, IsNotBelievedOnceAnythingChanged) {
  make_cache();
  world_.append("var/lib/dpkg/status",
                "Package: more\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n"
                "Description: x\n\n");
  const v1::PackageFacts more = facts_in_place();
  EXPECT_EQ(more.installed(), 8u);
  expect_as_apt(more);
  make_cache();
  fs::remove(world_.list_file("binary-amd64_Packages"));
  EXPECT_EQ(facts_in_place().pending_updates_size(), 0);
  ASSERT_TRUE(world_.update_lists());
  make_cache();
  world_.write("etc/apt/preferences.d/pins",
               "Package: plain\nPin: version 1.0\nPin-Priority: 1001\n");
  expect_as_apt(facts_in_place());
}

TEST_F(PackagesAptCache, IsNotBelievedWhenItIsDamaged) {
  const std::string without = facts_in_place().SerializeAsString();
  make_cache();
  const auto whole = fs::file_size(cache_file());
  for (const auto offset : {uintmax_t{0}, uintmax_t{5000}, whole / 2, whole - 1}) {
    std::fstream file(cache_file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const char flipped = static_cast<char>(file.get() ^ 0x10);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(flipped);
    file.close();
    EXPECT_EQ(facts_in_place().SerializeAsString(), without) << offset;
  }
  for (const uintmax_t size : {whole / 2, uintmax_t{100}, uintmax_t{0}}) {
    fs::resize_file(cache_file(), size);
    EXPECT_EQ(facts_in_place().SerializeAsString(), without) << size;
  }
}

TEST_F(PackagesAptCache, ChangesNoAnswerWhereConflictsAreWeighed) {
  world_.add({"more",
              "more",
              "Origin: Debian\nLabel: Debian\nSuite: stable\n",
              {{"core", "2.0", "Breaks: plain, needs-virtual (<< 2)\n"},
               {"plain", "1.2", "Conflicts: core (<< 2)\n"}}});
  ASSERT_TRUE(world_.update_lists());
  const v1::PackageFacts without = facts_in_place();
  expect_as_apt(without);
  make_cache();
  EXPECT_EQ(facts_in_place().SerializeAsString(), without.SerializeAsString());
}

}  // namespace
}  // namespace muster::test
