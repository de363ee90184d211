#include "agent/output/check_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>

#include "agent/output/check_memory_file.h"
#include "common/files.h"
#include "common/timestamp.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const TimePoint first_seen = *parse_iso8601("2026-11-13T09:00:00Z");
const std::string one_entry =
    "muster-check-memory 1\n"
    "2026-11-13T09:00:00Z\tsecurity-updates\topenssl\n"
    "end\n";

TEST(CheckMemory, IsTheSameAfterItWasWrittenAndRead) {
  const policy::FirstSeen memory{{{"", "security-updates", "openssl"}, first_seen},
                                 {{"", "certificate-valid", "/etc/a b.pem#2"}, first_seen},
                                 {{"", "reboot", ""}, first_seen + std::chrono::hours(1)}};
  const auto read = read_check_memory(write_check_memory(memory));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, memory);
  EXPECT_EQ(write_check_memory({{{"", "security-updates", "openssl"}, first_seen}}), one_entry);
  EXPECT_TRUE(read_check_memory(write_check_memory({}))->empty());
}

TEST(CheckMemory, LeavesOutWhatCannotBeALine) {
  const policy::FirstSeen memory{{{"", "a", "two\nlines"}, first_seen},
                                 {{"", "a", "tab\t"}, first_seen},
                                 {{"target", "a", "b"}, first_seen}};
  EXPECT_EQ(write_check_memory(memory), "muster-check-memory 1\nend\n");
}

TEST(CheckMemory, OfMoreThanItHoldsTheOldestStay) {
  policy::FirstSeen memory;
  for (size_t i = 0; i <= kMostRemembered; ++i) {
    memory[{"", "a", std::to_string(i)}] = first_seen + std::chrono::seconds(i);
  }
  const auto read = read_check_memory(write_check_memory(memory));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->size(), kMostRemembered);
  EXPECT_TRUE(read->contains({"", "a", "0"}));
  EXPECT_FALSE(read->contains({"", "a", std::to_string(kMostRemembered)}));
  const policy::FirstSeen wide{{{"", "a", std::string(kCheckMemoryLimit, 'x')}, first_seen}};
  EXPECT_TRUE(is_whole_check_memory(write_check_memory(wide)));
}

TEST(CheckMemory, WhatIsDamagedIsRefusedWithItsPlace) {
  std::string many = "muster-check-memory 1\n";
  for (size_t i = 0; i <= kMostRemembered; ++i)
    many += "2026-11-13T09:00:00Z\ta\t" + std::to_string(i) + "\n";
  struct Case {
    std::string text;
    std::string error;
  };
  const Case cases[] = {
      {"", "begin and end"},
      {"muster-check-memory 2\nend\n", "begin and end"},
      {one_entry.substr(0, one_entry.size() - 4), "begin and end"},
      {"muster-check-memory 1\nnonsense\nend\n", "line 2"},
      {"muster-check-memory 1\n2026-11-13\ta\tb\nend\n", "line 2"},
      {"muster-check-memory 1\n2026-11-13T09:00:00Z\t\tb\nend\n", "line 2"},
      {"muster-check-memory 1\n2026-11-13T09:00:00Z\ta\tb\tc\nend\n", "line 2"},
      {"muster-check-memory 1\n2026-11-13T09:00:00Z\ta\t\xff\nend\n", "line 2"},
      {"muster-check-memory 1\nend\nend\n", "follows its end"},
      {many + "end\n", "line 10002"},
      {one_entry + std::string(kCheckMemoryLimit, ' ') + "end\n", "begin and end"}};
  for (const Case& one : cases) {
    const auto read = read_check_memory(one.text);
    ASSERT_TRUE(absl::IsInvalidArgument(read.status())) << one.text.substr(0, 100);
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(one.error));
  }
}

TEST(CheckMemory, KeepsWhatAnotherPolicyLeft) {
  policy::Policy policy;
  policy.controls = {{.id = "a", .title = "", .rule = "security_updates"}};
  policy::FirstSeen memory{{{"", "a", "x"}, first_seen}, {{"", "b", "y"}, first_seen}};
  const policy::FirstSeen others = take_other_controls(memory, policy);
  EXPECT_EQ(memory, (policy::FirstSeen{{{"", "a", "x"}, first_seen}}));
  EXPECT_EQ(others, (policy::FirstSeen{{{"", "b", "y"}, first_seen}}));
}

class CheckMemoryFileTest : public testing::Test {
 protected:
  mode_t mode_of(const std::string& path) const {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  test::TemporaryDirectory directory_;
  // Two of its directories are missing.
  const std::string path_ = directory_.file("state/muster/check-memory");
};

TEST_F(CheckMemoryFileTest, IsMadeForItsOwnerAloneAndReadTheNextTime) {
  {
    absl::StatusOr<CheckMemoryFile> file = CheckMemoryFile::open(path_);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->text(), "");
    ASSERT_TRUE(file->replace(one_entry, false).ok());
  }
  EXPECT_EQ(mode_of(path_), 0600u);
  EXPECT_EQ(mode_of(directory_.file("state/muster")), 0700u);
  EXPECT_EQ(CheckMemoryFile::open(path_)->text(), one_entry);
}

TEST_F(CheckMemoryFileTest, WhatIsNotReplacedStays) {
  ASSERT_TRUE(CheckMemoryFile::open(path_)->replace(one_entry, false).ok());
  { ASSERT_TRUE(CheckMemoryFile::open(path_).ok()); }
  EXPECT_EQ(CheckMemoryFile::open(path_)->text(), one_entry);
}

TEST_F(CheckMemoryFileTest, ADamagedOneIsPutAside) {
  ASSERT_TRUE(CheckMemoryFile::open(path_)->replace(one_entry, false).ok());
  std::ofstream(path_) << "nonsense";
  absl::StatusOr<CheckMemoryFile> file = CheckMemoryFile::open(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->text(), "nonsense");
  ASSERT_TRUE(file->replace(one_entry, true).ok());
  EXPECT_EQ(*read_file(path_, 1000), one_entry);
  EXPECT_EQ(*read_file(file->damaged_path(), 1000), "nonsense");
}

TEST_F(CheckMemoryFileTest, OneThatIsTooLongIsDamaged) {
  ASSERT_TRUE(CheckMemoryFile::open(path_)->replace(one_entry, false).ok());
  std::ofstream(path_) << std::string(kCheckMemoryLimit + 1, 'x');
  absl::StatusOr<CheckMemoryFile> file = CheckMemoryFile::open(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_FALSE(read_check_memory(file->text()).ok());
}

TEST_F(CheckMemoryFileTest, SaysWhyThereIsNone) {
  EXPECT_THAT(std::string(CheckMemoryFile::open("").status().message()), HasSubstr("no home"));
  const std::string file = directory_.write("file", "");
  EXPECT_FALSE(CheckMemoryFile::open(file + "/muster/check-memory").ok());
  ASSERT_EQ(::mkdir(directory_.file("shared").c_str(), 0700), 0);
  ASSERT_EQ(::chmod(directory_.file("shared").c_str(), 0777), 0);
  EXPECT_THAT(std::string(CheckMemoryFile::open(directory_.file("shared/m")).status().message()),
              HasSubstr("not a directory of this user alone"));
  ASSERT_EQ(::mkdir(directory_.file("taken").c_str(), 0700), 0);
  EXPECT_FALSE(CheckMemoryFile::open(directory_.file("taken")).ok());
}

// As root another process writes; it takes nothing that is no memory.
TEST_F(CheckMemoryFileTest, AWriterOfItsOwnTakesOnlyAMemory) {
  if (::geteuid() == 0) {
    EXPECT_FALSE(CheckMemoryFile::open(path_)->replace("root::0:0::/:/bin/sh\n", false).ok());
    EXPECT_EQ(CheckMemoryFile::open(path_)->text(), "");
  }
  EXPECT_TRUE(CheckMemoryFile::open(path_)->replace(one_entry, false).ok());
}

}  // namespace
}  // namespace muster::agent
