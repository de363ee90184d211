#include "agent/output/check_memory_path.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

constexpr const char* kOfRoot = "/var/lib/muster-check";

TEST(CheckMemoryDirectory, IsWhereTheUserKeepsSuchThings) {
  EXPECT_EQ(check_memory_directory({.state_home = "/srv/state", .home = "/home/u"}),
            "/srv/state/muster");
  for (const char* const unset : {static_cast<const char*>(nullptr), "", "state"}) {
    EXPECT_EQ(check_memory_directory({.state_home = unset, .home = "/home/u"}),
              "/home/u/.local/state/muster");
    EXPECT_EQ(check_memory_directory({.state_home = unset, .home = unset}), "");
    EXPECT_EQ(check_memory_directory({.state_home = unset, .home = "/root", .is_root = true}),
              kOfRoot);
  }
}

// As `su` and `sudo -E` leave the environment of who became root: that user could have root write
// through a link.
TEST(CheckMemoryDirectory, OfRootIsNeverWhereAnotherUserMayPutSomething) {
  const test::TemporaryDirectory directory;
  const auto of_root = [](const std::string& path) {
    return check_memory_directory({.state_home = path.c_str(), .home = "/root", .is_root = true});
  };
  const std::string mine = directory.file("mine");
  std::filesystem::create_directory(mine);
  const std::string below = directory.file("mine/new/state");
  // Whoever runs this test as another user has nothing that is root's.
  EXPECT_EQ(of_root(below), ::geteuid() == 0 ? below + "/muster" : kOfRoot);
  std::filesystem::create_directory_symlink(mine, directory.file("link"));
  EXPECT_EQ(of_root(directory.file("link/new")), kOfRoot);
  EXPECT_EQ(of_root(directory.file("link/../mine/new")),
            ::geteuid() == 0 ? mine + "/new/muster" : kOfRoot);
  directory.write("file", "");
  EXPECT_EQ(of_root(directory.file("file")),
            ::geteuid() == 0 ? directory.file("file/muster") : kOfRoot);
  ASSERT_EQ(::chmod(mine.c_str(), 0770), 0);
  EXPECT_EQ(of_root(below), kOfRoot) << "its group may";
  ASSERT_EQ(::chmod(mine.c_str(), 0700), 0);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(mine.c_str(), 65534, 65534), 0);
  }
  EXPECT_EQ(of_root(below), kOfRoot) << "it is another user's";
}

}  // namespace
}  // namespace muster::agent
