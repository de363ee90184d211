#include "common/failpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "common/files.h"
#include "tests/common/killed_child.h"
#include "tests/common/temporary_directory.h"

namespace muster::failpoint {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Failpoints : public testing::Test {
 protected:
  ~Failpoints() override { clear(); }
  static void rules(const std::string& text) { ASSERT_TRUE(set_rules(text).ok()) << text; }
  const test::TemporaryDirectory directory_;
};

TEST_F(Failpoints, AreQuietUntilThereAreRules) {
  clear();
  EXPECT_FALSE(armed());
  EXPECT_FALSE(fails("file.write", "/a"));
  rules("");
  EXPECT_TRUE(armed());
  EXPECT_FALSE(fails("file.write", "/a"));
  EXPECT_EQ(passages("file.write"), 1U);
  EXPECT_EQ(firings("file.write"), 0U);
}

TEST_F(Failpoints, FireAtThePassageThatIsNamedAndCountBoth) {
  rules("file.write#2=EIO;file.sync#2+=ENOSPC;file.rename=EDQUOT");
  std::vector<int> errors;
  for (int i = 0; i < 3; ++i) {
    for (const Point point : {Point("file.write"), Point("file.sync"), Point("file.rename")})
      errors.push_back(fails(point, "/a") ? errno : 0);
  }
  EXPECT_THAT(errors, ElementsAre(0, 0, EDQUOT, EIO, ENOSPC, EDQUOT, 0, ENOSPC, EDQUOT));
  EXPECT_EQ(passages("file.write"), 3U);
  EXPECT_EQ(firings("file.write"), 1U);
  EXPECT_EQ(firings("file.sync"), 2U);
  EXPECT_EQ(firings("file.rename"), 3U);
  EXPECT_EQ(firings_of_all(), 6U);
}

TEST_F(Failpoints, CountOnlyWhatFitsTheSubject) {
  rules("file.write@/outbox/cursor#2=EIO");
  EXPECT_FALSE(fails("file.write", "/a/outbox/cursor"));
  EXPECT_FALSE(fails("file.write", "/a/outbox/1.version"));
  EXPECT_TRUE(fails("file.write", "/a/outbox/cursor"));
}

TEST_F(Failpoints, TheFirstRuleThatFiresDecides) {
  rules("file.write#1=note;file.write=EIO");
  EXPECT_FALSE(fails("file.write", "/a"));
  EXPECT_TRUE(fails("file.write", "/a"));
  EXPECT_EQ(firings("file.write"), 2U);
}

TEST_F(Failpoints, AShortWriteIsHalfAndThenGoesOn) {
  rules("file.write#1=short");
  size_t size = 5;
  EXPECT_FALSE(fails("file.write", "/a", &size));
  EXPECT_EQ(size, 3U);
  rules("file.write#1=short");
  ASSERT_TRUE(write_file_atomically(directory_.file("a"), "content", 0600).ok());
  EXPECT_EQ(passages("file.write"), 2U);
  EXPECT_EQ(directory_.read("a"), "content");
}

TEST_F(Failpoints, ADelayLetsTheOperationHappen) {
  rules("file.write=delay:1");
  EXPECT_FALSE(fails("file.write", "/a"));
  EXPECT_EQ(firings("file.write"), 1U);
}

TEST_F(Failpoints, AKillIsLoggedBeforeItHappens) {
  const std::string log = directory_.file("log");
  const test::ChildEnd end = test::run_until_killed("", [&log](const auto&) {
    if (!set_rules("file.sync@/b#1=kill", log).ok()) return false;
    (void)fails("file.sync", "/a");
    (void)fails("file.sync", "/b");
    return true;
  });
  EXPECT_TRUE(end.killed);
  EXPECT_THAT(directory_.read("log"), HasSubstr(" file.sync /b kill\n"));
}

TEST_F(Failpoints, WhatIsNoRuleIsRefusedByItsText) {
  for (const char* text :
       {"file.write", "file.write=", "file.write=explode", "file.wrote=EIO", "=EIO",
        "file.write#0=EIO", "file.write#x=EIO", "file.write#=EIO",
        "file.write=delay:", "file.write=delay:60001", "file.write=EIO;;file.sync=EIO"}) {
    EXPECT_THAT(std::string(set_rules(text).message()), HasSubstr("is no rule for a failpoint"))
        << text;
  }
}

// Each operation of a write fails in turn: nothing is left, and the file is as it was. Only when
// its directory cannot be synced is the new one there already.
TEST_F(Failpoints, FilesAreAsTheyWereWhicheverOperationFails) {
  for (const char* point : {"file.create", "file.write", "file.mode", "file.sync", "file.rename"}) {
    const std::string file = directory_.write("a", "old");
    rules(std::string(point) + "=ENOSPC");
    const absl::Status status = write_file_atomically(file, "new", 0600);
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << point << status;
    EXPECT_EQ(directory_.read("a"), "old") << point;
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()), 1)
        << point;
  }
  rules("directory.sync=EIO");
  EXPECT_EQ(write_file_atomically(directory_.file("a"), "new", 0600).code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(directory_.read("a"), "new");
}

TEST_F(Failpoints, WhatAKillLeftOfAFileIsRemovedAndNothingElse) {
  const std::string file = directory_.file("key.pem");
  const test::ChildEnd end = test::run_until_killed("file.rename=kill", [&file](const auto&) {
    return write_file_atomically(file, "key", 0600).ok();
  });
  EXPECT_TRUE(end.killed);
  for (const char* other : {"key.pem.backup1", "key.pem.ab-cde", "xkey.pem.abcdef", "key.pem"})
    directory_.write(other, "");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()), 5);
  remove_temporary_files(file);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()), 4);
  EXPECT_TRUE(fs::exists(directory_.file("key.pem.ab-cde")));
}

std::map<fs::path, std::string> sources() {
  std::map<fs::path, std::string> found;
  for (const char* folder : {"agent", "collector", "common"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(MUSTER_SOURCE_DIRECTORY) / folder)) {
      if (entry.path().extension() != ".cpp") continue;
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      found[fs::relative(entry.path(), MUSTER_SOURCE_DIRECTORY)] = text.str();
    }
  }
  return found;
}

// What is in the code and not in the list does not compile.
TEST(FailpointList, HasNothingThatTheCodeHasNot) {
  std::set<std::string_view> unused(kNames.begin(), kNames.end());
  EXPECT_EQ(unused.size(), kNames.size()) << "a name is there twice";
  for (const auto& source : sources()) {
    std::erase_if(unused, [&source](std::string_view name) {
      return source.second.find("\"" + std::string(name) + "\"") != std::string::npos;
    });
  }
  EXPECT_EQ(unused, std::set<std::string_view>());
}

// A new call of the kernel that writes gets its point, or a line here that says why not.
TEST(FailpointList, StandsBeforeEveryOperationThatWrites) {
  const std::set<std::pair<std::string, std::string>> without = {
      // Pipes to probes: nothing that lasts.
      {"agent/child_process.cpp", "::write("},
      // After the operation failed: what it would remove is removed at the next start anyway.
      {"agent/status_file.cpp", "::unlink("},
      // The mode of a directory that was just made empty.
      {"collector/admin/init.cpp", "::chmod("},
      {"common/files.cpp", "::chmod("},
      // The administration's socket: nothing that lasts.
      {"collector/http/server.cpp", "::unlink("},
      {"collector/http/server.cpp", "::chmod("},
      // The failpoints themselves.
      {"common/failpoint.cpp", "::write("},
  };
  for (const auto& [path, text] : sources()) {
    for (const char* call :
         {"::write(", "::pwrite(", "::fsync(", "::fdatasync(", "::rename(", "::unlink(", "::mkdir(",
          "::mkostemp(", "::fchmod(", "::chmod(", "::lchown(", "::ftruncate(", "fs::remove(",
          "fs::rename(", "std::ofstream", "\"COMMIT\"", "\"ROLLBACK\"", "\"BEGIN IMMEDIATE\""}) {
      for (size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
        // A function of ours that is called the same.
        if (*call == ':' && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0 &&
            text.substr(at - 9, 9) != "failpoint") {
          continue;
        }
        // In its own line or in one of the two before.
        size_t from = at;
        for (int line = 0; line < 3; ++line)
          from = text.rfind('\n', from - 1);
        const bool has_point =
            text.substr(from, at - from + 1).find("failpoint") != std::string::npos;
        EXPECT_TRUE(has_point || without.contains({path.string(), call})) << path << ": " << call;
      }
    }
  }
}

}  // namespace
}  // namespace muster::failpoint
