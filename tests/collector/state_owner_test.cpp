// Whom a verb that root calls becomes, and what a collector says that cannot open its files.
#include "collector/service/state_owner.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// A user that no machine needs to have.
constexpr uid_t kSomebody = 64003;

const absl::Status failed = absl::UnavailableError("opening the store: it failed");

void write(const std::string& path, mode_t mode = 0600) {
  std::ofstream(path) << "x";
  ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

TEST(StateOwner, OnlyRootBecomesSomebodyAndNobodyBecomesRoot) {
  const Owner somebody{.user = kSomebody, .group = 64004};
  EXPECT_EQ(owner_to_become(0, somebody), somebody);
  EXPECT_EQ(owner_to_become(0, {.user = 0, .group = 64004}), std::nullopt);
  EXPECT_EQ(owner_to_become(kSomebody, somebody), std::nullopt);
  EXPECT_EQ(owner_to_become(1000, somebody), std::nullopt);
  EXPECT_EQ(owner_to_become(1000, {.user = 0, .group = 0}), std::nullopt);
}

TEST(StateOwner, NothingChangesInADirectoryOfOnesOwnOrOneThatIsNotThere) {
  const test::TemporaryDirectory directory;
  const uid_t before = ::geteuid();
  for (const std::string& path : {directory.path(), directory.path() + "/absent"}) {
    const auto acting = ActingAsOwner::of(path);
    ASSERT_TRUE(acting.ok()) << acting.status();
    EXPECT_EQ(::geteuid(), before);
  }
}

TEST(StateOwner, FilesOfRootsVerbsAreTheOwnersAndRootIsRootAgain) {
  const test::TemporaryDirectory directory;
  const bool is_root = ::geteuid() == 0;
  const uid_t owner = is_root ? kSomebody : ::geteuid();
  if (is_root) {
    ASSERT_EQ(::chown(directory.path().c_str(), kSomebody, kSomebody), 0);
  }
  const std::string made = directory.path() + "/made";
  {
    const auto acting = ActingAsOwner::of(directory.path());
    ASSERT_TRUE(acting.ok()) << acting.status();
    EXPECT_EQ(::geteuid(), owner);
    write(made);
  }
  EXPECT_EQ(::geteuid(), is_root ? 0U : owner);
  struct stat status {};
  ASSERT_EQ(::stat(made.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, owner);
}

TEST(StateOwner, AFailureNamesTheChownOfFilesThatCannotBeOpened) {
  const test::TemporaryDirectory directory;
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::chown(directory.path().c_str(), kSomebody, kSomebody), 0);
  }
  write(directory.path() + "/store.db.lock", 0444);
  write(directory.path() + "/ca.key", 0);
  // These are only read.
  write(directory.path() + "/policy.yml", 0444);
  {
    const auto acting = ActingAsOwner::of(directory.path());
    ASSERT_TRUE(acting.ok()) << acting.status();
    const absl::Status explained = explain_owner(failed, directory.path());
    EXPECT_EQ(explained.code(), failed.code());
    EXPECT_THAT(
        std::string(explained.message()),
        AllOf(HasSubstr("opening the store: it failed"),
              HasSubstr(fmt::format("as root: chown {}:{} {}/ca.key {}/store.db.lock", ::geteuid(),
                                    ::getegid(), directory.path(), directory.path())),
              Not(HasSubstr("policy.yml"))));
  }
}

TEST(StateOwner, OfManyFilesTheWholeDirectoryIsNamed) {
  const test::TemporaryDirectory directory;
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(directory.path().c_str(), kSomebody, kSomebody), 0);
  }
  for (int i = 0; i < 11; ++i)
    write(fmt::format("{}/{}", directory.path(), i), 0);
  const auto acting = ActingAsOwner::of(directory.path());
  ASSERT_TRUE(acting.ok()) << acting.status();
  EXPECT_THAT(std::string(explain_owner(failed, directory.path()).message()),
              EndsWith(fmt::format("as root: chown -R {}:{} {}", ::geteuid(), ::getegid(),
                                   directory.path())));
}

TEST(StateOwner, WhatHasAnotherCauseIsNotExplained) {
  const test::TemporaryDirectory directory;
  write(directory.path() + "/store.db");
  EXPECT_EQ(explain_owner(failed, directory.path()), failed);
  EXPECT_EQ(explain_owner(failed, directory.path() + "/absent"), failed);
  EXPECT_TRUE(explain_owner(absl::OkStatus(), directory.path()).ok());
}

}  // namespace
}  // namespace muster::collector
