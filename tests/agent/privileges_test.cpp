#include "agent/privileges.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "agent/output/status_text.h"
#include "common/descriptor.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr uid_t kSomebody = 64001;
constexpr uid_t kSomebodyElse = 64002;

// What only root can show is shown by root; others give what is theirs to themselves.
class GiveDirectoryTest : public ::testing::Test {
 protected:
  std::string give(const std::string& directory) const {
    return std::string(text_of(give_directory(directory, account_, config_.get())));
  }
  static uid_t owner_of(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status.st_uid;
  }

  const bool is_root_ = ::geteuid() == 0;
  const Account account_{"somebody", is_root_ ? kSomebody : ::geteuid(),
                         is_root_ ? kSomebody : ::getegid()};
  test::TemporaryDirectory directory_;
  const std::string state_ = directory_.file("state");
  const std::string config_path_ = directory_.write("state/agent.yml", "collectors: ['c:1']\n");
  const Descriptor config_{::open(config_path_.c_str(), O_RDONLY | O_CLOEXEC)};
};

TEST_F(GiveDirectoryTest, GivesWhatAnEnrolmentLeftButTheConfigurationHoweverItsPathIsWritten) {
  const std::string identity = directory_.write("state/identity.pem", "key", 0600);
  const std::string report = directory_.write("state/outbox/1", "report");
  EXPECT_EQ(give(state_ + "//"), "");
  EXPECT_EQ(owner_of(state_), account_.user);
  EXPECT_EQ(owner_of(identity), account_.user);
  EXPECT_EQ(owner_of(report), account_.user);
  EXPECT_EQ(owner_of(config_path_), ::geteuid());
}

TEST_F(GiveDirectoryTest, GivesADirectoryThatIsMissingOrEmpty) {
  const std::string missing = directory_.file("missing");
  EXPECT_EQ(give(missing), "");
  EXPECT_EQ(owner_of(missing), account_.user);
  const std::string disk = directory_.file("disk");
  fs::create_directories(disk + "/lost+found");
  EXPECT_EQ(give(disk), "");
  EXPECT_EQ(owner_of(disk), account_.user);
}

TEST_F(GiveDirectoryTest, GivesNoDirectoryOfRootsThatHoldsNothingOfAnAgent) {
  for (const std::string file : {"cron.d/backup", "ca/ca.pem", "run/lock"}) {
    const std::string path = directory_.write(file, "of another program");
    const std::string victim = fs::path(path).parent_path();
    const std::string said = give(victim);
    if (is_root_) {
      EXPECT_THAT(said, HasSubstr(victim + " is root's and holds files that are no agent's"));
      EXPECT_THAT(said, HasSubstr("Name a directory of its own in the configuration"));
    } else {
      EXPECT_EQ(said, "") << "who gives it has it already";
    }
    EXPECT_EQ(owner_of(victim), ::geteuid());
    EXPECT_EQ(owner_of(path), ::geteuid());
  }
}

TEST_F(GiveDirectoryTest, GivesNeitherTheRootOfAllFilesNorWhatALinkLeadsTo) {
  for (const char* root : {"/", "//", "/proc/.."}) {
    EXPECT_EQ(give(root), "state_directory is the root of all files: name a directory of its own");
  }
  directory_.write("victim/identity.pem", "of another");
  const std::string link = directory_.file("link");
  fs::create_directory_symlink(directory_.file("victim"), link);
  EXPECT_EQ(give(link), "");
  EXPECT_EQ(owner_of(directory_.file("victim")), ::geteuid());
  EXPECT_EQ(owner_of(directory_.file("victim/identity.pem")), ::geteuid());
}

TEST_F(GiveDirectoryTest, SaysWhichFileIsOfAThirdUser) {
  const std::string file = directory_.write("state/identity.pem", "key");
  const int changed = ::chown(file.c_str(), kSomebodyElse, kSomebodyElse);
  EXPECT_EQ(changed == 0, is_root_);
  EXPECT_EQ(give(state_), is_root_ ? file +
                                         " belongs to user 64002 and not to somebody: chown "
                                         "somebody " +
                                         file + ", or take it away"
                                   : "");
}

}  // namespace
}  // namespace muster::agent
