#include "agent/launcher/input_fingerprint.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using Kind = ProbeInput::Kind;
namespace fs = std::filesystem;

constexpr std::array<ProbeInput, 4> kInputs{{
    {"/status", Kind::kFile},
    {"/lists", Kind::kDirectory},
    {"/etc", Kind::kTree},
    {"/other/status", Kind::kPresence},
}};

class InputFingerprint : public ::testing::Test {
 protected:
  InputFingerprint() {
    root_.write("status", "Package: bash\n");
    root_.write("lists/main_Packages", "a");
    root_.write("lists/partial/x", "a");
    root_.write("etc/sources.list", "deb");
    root_.write("etc/preferences.d/pin", "Pin: a");
  }
  std::string now() { return input_fingerprint(root_.path(), kInputs).value(); }

  test::TemporaryDirectory root_;
};

TEST_F(InputFingerprint, IsTheSameWhileNothingChanges) {
  EXPECT_EQ(now(), now());
}

TEST_F(InputFingerprint, ChangesWithEveryKindOfChange) {
  std::string before = now();
  const auto changed = [&] {
    const std::string after = now();
    const bool differs = after != before;
    before = after;
    return differs;
  };
  root_.write("status", "Package: bash\nPackage: curl\n");
  EXPECT_TRUE(changed()) << "size";
  // As `cp -p` and apt do it: same size, same times of modification, another file.
  const auto time = fs::last_write_time(root_.path() + "/lists/main_Packages");
  root_.write("lists/new", "b");
  fs::last_write_time(root_.path() + "/lists/new", time);
  fs::rename(root_.path() + "/lists/new", root_.path() + "/lists/main_Packages");
  EXPECT_TRUE(changed()) << "another file under the same name";
  fs::remove(root_.path() + "/etc/sources.list");
  EXPECT_TRUE(changed()) << "removed";
  root_.write("etc/preferences.d/other", "Pin: b");
  EXPECT_TRUE(changed()) << "added below";
  ASSERT_EQ(::chmod((root_.path() + "/status").c_str(), 0600), 0);
  EXPECT_TRUE(changed()) << "mode";
  fs::create_symlink("nowhere", root_.path() + "/etc/link");
  EXPECT_TRUE(changed()) << "a link to nothing";
  root_.write("etc/nowhere", "x");
  EXPECT_TRUE(changed()) << "what a link leads to";
}

TEST_F(InputFingerprint, OfAFlatDirectoryDoesNotEnterTheOnesBelow) {
  const std::string before = now();
  // Its content, not its entries: the directory itself stays as it is.
  root_.write("lists/partial/x", "aaaa");
  EXPECT_EQ(now(), before);
}

TEST_F(InputFingerprint, OfWhatIsMissingIsAnAnswerToo) {
  fs::remove_all(root_.path() + "/lists");
  const std::string before = now();
  EXPECT_EQ(now(), before);
  root_.write("lists/main_Packages", "a");
  EXPECT_NE(now(), before);
}

TEST_F(InputFingerprint, OfAPresenceChangesAsItComesAndGoesOnly) {
  const std::string without = now();
  root_.write("other/status", "a");
  const std::string with = now();
  EXPECT_NE(with, without);
  root_.write("other/status", "aaaa");
  EXPECT_EQ(now(), with);
  fs::remove(root_.path() + "/other/status");
  fs::create_symlink("nowhere", root_.path() + "/other/status");
  EXPECT_EQ(now(), without) << "a link to nothing";
}

TEST(ProbeInputs, TellWhenWhatDidNotApplyMayApply) {
  struct Case {
    std::string_view probe;
    std::string_view file;
  };
  constexpr auto kCases = std::to_array<Case>({
      {"packages-apt", "var/lib/dpkg/status"},
      {"packages-apt", "etc/os-release"},
      {"packages-apt", "usr/lib/os-release"},
      {"packages-apk", "lib/apk/db/installed"},
      {"packages-apk", "usr/lib/apk/db/installed"},
      {"packages-apk", "etc/os-release"},
      {"packages-apk", "usr/lib/os-release"},
      {"packages-rpm", "var/lib/rpm/rpmdb.sqlite"},
      {"packages-rpm", "usr/lib/sysimage/rpm/Packages.db"},
      {"packages-rpm", "etc/os-release"},
      {"packages-rpm", "usr/lib/os-release"},
      // With it another manager's database counts no more.
      {"packages-rpm", "var/lib/dpkg/status"},
      {"packages-rpm", "lib/apk/db/installed"},
      {"packages-rpm", "var/lib/pacman/local/linux-6.6-1/desc"},
      {"packages-rpm", "nix/var/nix/db/db.sqlite"},
      {"packages-rpm", "usr/local/tce.installed/x"},
      {"lifecycle", "etc/os-release"},
      {"lifecycle", "usr/lib/os-release"},
  });
  for (const Case& test : kCases) {
    const test::TemporaryDirectory root;
    const auto row = std::find_if(all_probes().begin(), all_probes().end(),
                                  [&](const ProbeRow& each) { return each.name == test.probe; });
    ASSERT_NE(row, all_probes().end());
    const auto before = input_fingerprint(root.path(), row->inputs);
    ASSERT_TRUE(before.has_value());
    root.write(std::string(test.file), "x");
    EXPECT_NE(input_fingerprint(root.path(), row->inputs), before)
        << test.probe << " and " << test.file;
  }
}

TEST_F(InputFingerprint, IsRefusedPastItsLimit) {
  for (size_t i = 0; i < kFingerprintEntryLimit; ++i) {
    fs::create_symlink("x", root_.path() + "/lists/" + std::to_string(i));
  }
  EXPECT_FALSE(input_fingerprint(root_.path(), kInputs).has_value());
}

}  // namespace
}  // namespace muster::agent
