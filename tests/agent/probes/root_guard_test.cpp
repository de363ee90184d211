#include "agent/probes/root_guard.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

namespace muster::probe {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class RootGuard : public ::testing::Test {
 protected:
  RootGuard() {
    std::string name = ::testing::TempDir() + "root_guard.XXXXXX";
    top_ = ::mkdtemp(name.data());
    root_ = top_ + "/root";
    fs::create_directories(root_ + "/lists");
  }
  ~RootGuard() override { fs::remove_all(top_); }

  // The complaint; empty if the root may be read.
  std::string complaint() const {
    const absl::Status status =
        check_openable(root_, {"/status", "/dev/null"}, {"/lists", "/none"});
    return std::string(status.message());
  }
  void write(const std::string& path) const { std::ofstream(top_ + "/" + path) << "x"; }

  std::string top_;
  std::string root_;
};

TEST_F(RootGuard, AcceptsFilesDirectoriesAndLinksThatStayInside) {
  write("root/status");
  write("root/lists/a");
  fs::create_directory(root_ + "/lists/partial");
  fs::create_symlink("a", root_ + "/lists/b");
  fs::create_symlink("/nowhere", root_ + "/lists/dangling");
  EXPECT_EQ(complaint(), "");
}

TEST_F(RootGuard, SeesWhereRootAndPathPutTogetherLeadOut) {
  EXPECT_TRUE(check_joined(root_, {"/lists", "/none/at/all"}).ok());
  fs::create_symlink("lists", root_ + "/inside");
  EXPECT_TRUE(check_joined(root_, {"/inside"}).ok());
  // From inside it is the root's own lists; from here the machine's, or nothing.
  fs::create_symlink("/lists", root_ + "/absolute");
  EXPECT_THAT(std::string(check_joined(root_, {"/absolute"}).message()), HasSubstr("leads out of"));
  EXPECT_TRUE(check_joined("", {"/absolute"}).ok()) << "there is no outside";
}

TEST_F(RootGuard, AcceptsWhatIsMissing) {
  EXPECT_EQ(complaint(), "");
}

TEST_F(RootGuard, RefusesALinkThatLeadsOut) {
  write("outside");
  fs::create_symlink("../../outside", root_ + "/lists/a");
  EXPECT_THAT(complaint(), HasSubstr("/lists/a is a link that leads out of"));
}

TEST_F(RootGuard, RefusesALinkThatIsAbsoluteInTheImage) {
  write("root/real");
  fs::create_symlink("/real", root_ + "/lists/a");  // would be /real of this system
  EXPECT_THAT(complaint(), HasSubstr("leads out of"));
}

TEST_F(RootGuard, RefusesWhatIsNoRegularFile) {
  ASSERT_EQ(::mkfifo((root_ + "/lists/pipe").c_str(), 0600), 0);
  EXPECT_THAT(complaint(), HasSubstr("/lists/pipe is not a regular file"));
}

TEST_F(RootGuard, RefusesAStatusThatIsADevice) {
  fs::create_symlink("pipe", root_ + "/status");
  ASSERT_EQ(::mkfifo((root_ + "/pipe").c_str(), 0600), 0);
  EXPECT_THAT(complaint(), HasSubstr("/status is not a regular file"));
}

TEST_F(RootGuard, RefusesAFileBeyondItsBound) {
  write("root/status");
  fs::resize_file(root_ + "/status", kLargestFile);
  EXPECT_EQ(complaint(), "");
  fs::resize_file(root_ + "/status", kLargestFile + 1);
  EXPECT_THAT(complaint(), HasSubstr("/status has 1073741825 bytes"));
}

TEST_F(RootGuard, RefusesADirectoryBeyondItsBound) {
  for (size_t i = 0; i <= kMostFilesOfDirectory; ++i)
    write(fmt::format("root/lists/{}", i));
  EXPECT_THAT(complaint(), HasSubstr("/lists has more than 4096 entries"));
}

}  // namespace
}  // namespace muster::probe
