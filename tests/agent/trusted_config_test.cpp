#include "agent/config/trusted_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "agent/output/status_text.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
namespace fs = std::filesystem;

constexpr const char* kGood = "collectors: ['collector.example.org:8433']\n";
constexpr uid_t kSomebody = 64001;

class TrustedConfigTest : public ::testing::Test {
 protected:
  static std::string load(const std::string& path) {
    const absl::StatusOr<TrustedConfig> read = load_trusted_config(path);
    return read.ok() ? "good" : std::string(text_of(read.status()));
  }

  const bool is_root_ = ::geteuid() == 0;
  test::TemporaryDirectory directory_;
  const std::string path_ = directory_.write("agent.yml", kGood);
};

TEST_F(TrustedConfigTest, TakesAFileOfOnesOwnAndKeepsItWhateverThePathLeadsToLater) {
  const absl::StatusOr<TrustedConfig> read = load_trusted_config(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->config.collectors.size(), 1);
  struct stat before {};
  ASSERT_EQ(::stat(path_.c_str(), &before), 0);
  fs::rename(directory_.write("other.yml", "x"), path_);
  struct stat kept {};
  ASSERT_EQ(::fstat(read->file.get(), &kept), 0);
  EXPECT_EQ(kept.st_ino, before.st_ino);
}

TEST_F(TrustedConfigTest, TakesNoFileOfAnotherUser) {
  ASSERT_EQ(::chown(path_.c_str(), kSomebody, kSomebody) == 0, is_root_);
  if (is_root_) {
    EXPECT_THAT(load(path_), StartsWith(path_ + " belongs to user 64001, who could make"));
    EXPECT_THAT(load(path_), EndsWith("chown -h root " + path_));
  } else {
    EXPECT_EQ(load(path_), "good");
  }
}

TEST_F(TrustedConfigTest, TakesNoFileThatOthersMayWrite) {
  for (const mode_t mode : {0664, 0646}) {
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    EXPECT_THAT(load(path_), EndsWith("by others than its owner: chmod go-w " + path_));
  }
}

TEST_F(TrustedConfigTest, TakesNoFileWithASecondName) {
  fs::create_hard_link(path_, directory_.file("second.yml"));
  EXPECT_THAT(load(path_), HasSubstr("is a hard link"));
  EXPECT_THAT(load(directory_.file("second.yml")), HasSubstr("put a copy in its place"));
}

TEST_F(TrustedConfigTest, FollowsLinksOfItsOwnersOnlyAndAtMostEight) {
  fs::create_directory(directory_.file("etc"));
  std::string link = directory_.file("etc/0.yml");
  fs::create_symlink("../agent.yml", link);
  for (int i = 1; i < 8; ++i) {
    const std::string next = directory_.file("etc/" + std::to_string(i) + ".yml");
    fs::create_symlink(fs::path(link).filename(), next);
    link = next;
  }
  EXPECT_EQ(load(link), "good");
  fs::create_symlink(link, directory_.file("ninth.yml"));
  EXPECT_THAT(load(directory_.file("ninth.yml")), HasSubstr("Too many levels"));
  ASSERT_EQ(::lchown(link.c_str(), kSomebody, kSomebody) == 0, is_root_);
  EXPECT_THAT(load(link), is_root_ ? HasSubstr("belongs to user 64001") : HasSubstr("good"));
}

TEST_F(TrustedConfigTest, TellsWhatIsMissingFromWhatIsNoConfiguration) {
  EXPECT_TRUE(absl::IsNotFound(load_trusted_config(directory_.file("missing.yml")).status()));
  EXPECT_THAT(load(directory_.path()), HasSubstr("is not a regular file"));
  const std::string fifo = directory_.file("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(load(fifo), HasSubstr("is not a regular file"));
  EXPECT_THAT(load(directory_.write("other.yml", "jobs: [backup]\n")), HasSubstr("collectors"));
}

TEST_F(TrustedConfigTest, TakesOneMebibyteAndNoMore) {
  const std::string rest(size_t{1 << 20} - std::string(kGood).size(), '#');
  EXPECT_EQ(load(directory_.write("large.yml", kGood + rest)), "good");
  EXPECT_THAT(load(directory_.write("larger.yml", kGood + rest + "#")),
              HasSubstr("larger than the limit of 1048576 bytes"));
}

}  // namespace
}  // namespace muster::agent
