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
using testing::IsEmpty;
using testing::SizeIs;

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
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
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
    if (source.first == "common/failpoint_names.h") continue;
    std::erase_if(unused, [&source](std::string_view name) {
      return source.second.find("\"" + std::string(name) + "\"") != std::string::npos;
    });
  }
  EXPECT_EQ(unused, std::set<std::string_view>());
}

// What writes, by the name of the function: of the kernel, of C, and of std::filesystem.
constexpr std::string_view kWriters[] = {"write",
                                         "pwrite",
                                         "writev",
                                         "sendfile",
                                         "fallocate",
                                         "fsync",
                                         "fdatasync",
                                         "syncfs",
                                         "rename",
                                         "renameat",
                                         "renameat2",
                                         "unlink",
                                         "unlinkat",
                                         "rmdir",
                                         "link",
                                         "linkat",
                                         "symlink",
                                         "symlinkat",
                                         "mkdir",
                                         "mkdirat",
                                         "mkfifo",
                                         "mknod",
                                         "mkstemp",
                                         "mkostemp",
                                         "mkdtemp",
                                         "creat",
                                         "fchmod",
                                         "chmod",
                                         "fchmodat",
                                         "chown",
                                         "lchown",
                                         "fchown",
                                         "fchownat",
                                         "truncate",
                                         "ftruncate",
                                         "utimensat",
                                         "futimens",
                                         "fopen",
                                         "freopen",
                                         "tmpfile",
                                         "fwrite",
                                         "fputs",
                                         "copy_file",
                                         "create_directory",
                                         "remove_all",
                                         "resize_file",
                                         "create_directories",
                                         "create_symlink",
                                         "create_hard_link",
                                         "create_directory_symlink",
                                         "last_write_time",
                                         "permissions"};
// Only with a namespace: else they are something else.
constexpr std::string_view kQualifiedWriters[] = {"fs::remove", "filesystem::remove", "std::remove",
                                                  "fs::copy", "filesystem::copy"};
// Wherever they stand.
constexpr std::string_view kWritingWords[] = {"std::ofstream",      "std::fstream", "O_CREAT",
                                              "O_TMPFILE",          "\"COMMIT\"",   "\"ROLLBACK\"",
                                              "\"BEGIN IMMEDIATE\""};

bool is_in_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Whether a function called at `at` is the system's: not a member, and in no namespace of ours.
bool is_of_the_system(std::string_view text, size_t at) {
  const std::string_view before = text.substr(0, at);
  if (before.empty() || is_in_name(before.back())) return false;
  if (before.ends_with(".") || before.ends_with("->")) return false;
  if (!before.ends_with("::")) return true;
  const std::string_view space = before.substr(0, before.size() - 2);
  return !is_in_name(space.back()) || space.ends_with("std") || space.ends_with("fs") ||
         space.ends_with("filesystem");
}

bool is_in_comment(std::string_view text, size_t at) {
  const size_t line = text.rfind('\n', at) + 1;
  return text.substr(line, at - line).find("//") != std::string_view::npos;
}

// Where the text has something that writes, and what.
std::multimap<size_t, std::string> writers_in(std::string_view text) {
  std::multimap<size_t, std::string> found;
  const auto find = [&](std::string_view what, const auto& fits) {
    for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
      if (!is_in_comment(text, at) && fits(at)) found.emplace(at, what);
    }
  };
  for (const std::string_view name : kWriters)
    find(std::string(name) + "(", [text](size_t at) { return is_of_the_system(text, at); });
  for (const std::string_view name : kQualifiedWriters)
    find(std::string(name) + "(", [](size_t) { return true; });
  for (const std::string_view word : kWritingWords)
    find(word, [](size_t) { return true; });
  return found;
}

// In its own line or in one of the two before.
bool has_point(std::string_view text, size_t at) {
  size_t from = at;
  for (int line = 0; line < 3 && from != 0 && from != std::string_view::npos; ++line)
    from = text.rfind('\n', from - 1);
  if (from == std::string_view::npos) from = 0;
  return text.substr(from, at - from + 1).find("failpoint") != std::string_view::npos;
}

TEST(FailpointList, SeesWhateverWrites) {
  for (const char* text :
       {"  ::rename(a, b)", " std::rename(a, b)", " std::filesystem::rename(a, b)", "(fs::rename(a",
        " unlinkat(fd, a, 0)", " ::renameat(", " fopen(a, \"w\")", " std::fopen(",
        " ::open(a, O_CREAT", "!fs::create_directories(", " std::filesystem::create_directories(",
        " fs::remove(", " std::ofstream out", " ::mkdir("}) {
    EXPECT_THAT(writers_in(text), SizeIs(1)) << text;
  }
  for (const char* text : {" file.write(", " file->write(", " ours::write(", " rewrite(",
                           " x // rename(", " std::fread(", " ::open(a, O_RDONLY)"}) {
    EXPECT_THAT(writers_in(text), IsEmpty()) << text;
  }
}

// Something new that writes gets its point, or a line here that says why not.
TEST(FailpointList, StandsBeforeEveryOperationThatWrites) {
  std::set<std::pair<std::string, std::string>> without = {
      // Pipes to probes, and what a program prints: nothing that lasts.
      {"agent/launcher_program/child.cpp", "write("},
      {"agent/launcher_program/log.cpp", "write("},
      {"agent/launcher_program/options.cpp", "fputs("},
      {"agent/main.cpp", "fwrite("},
      {"agent/probes/probe_program.cpp", "fwrite("},
      {"agent/probes/network/section_output.cpp", "write("},
      {"agent/asking/order.cpp", "fputs("},
      {"agent/asking/tasks.cpp", "write("},
      {"agent/device_answers/ask_disk.cpp", "write("},
      {"agent/device_answers/main.cpp", "fputs("},
      {"agent/answers/main.cpp", "fputs("},
      // A file in memory, and sockets that c-ares asks for.
      {"agent/launcher/memory_file.cpp", "write("},
      {"agent/launcher/memory_file.cpp", "ftruncate("},
      {"agent/probes/network/ares_channel.cpp", "writev("},
      // A kill at it leaves leases that end when they say, or none: the collector tells them again.
      {"agent/targets/lease_file.cpp", "unlink("},
      // What a check by hand remembers: a kill leaves the file as it was, or none and a damaged one
      // aside.
      {"agent/output/check_memory_file.cpp", "rename("},
      // A function of ours, in it.
      {"agent/output/check_memory_file.cpp", "write("},
      {"agent/output/check_memory_file.h", "write("},
      // It only reads.
      {"agent/probes/packages_rpm/repomd.cpp", "fopen("},
      {"agent/answers/who_listens.cpp", "fopen("},
      // Repeated at every start of the agent.
      {"agent/privileges.cpp", "fchownat("},
      // Repeated at every reload: what is left is of a source that nobody asks any more.
      {"collector/sources/held_text.cpp", "filesystem::remove("},
      // What it says no to.
      {"agent/sandbox/seccomp_filter.cpp", "O_CREAT"},
      {"agent/sandbox/seccomp_filter.cpp", "O_TMPFILE"},
      // After the operation failed: what it would remove is removed at the next start anyway.
      {"agent/output/status_file.cpp", "unlink("},
      // Before there is anything that could be lost: the directory was just made, and is empty.
      {"collector/admin/init.cpp", "create_directories("},
      {"collector/admin/init.cpp", "chmod("},
      // The administration's socket: nothing that lasts.
      {"collector/http/server.cpp", "unlink("},
      {"collector/http/server.cpp", "chmod("},
      // Functions of ours that are called the same.
      {"agent/outbox/outbox_directory.h", "write("},
      {"agent/probes/packages_apt/relevant_packages.cpp", "unlink("},
      {"agent/probes/network/section_output.h", "write("},
      {"agent/probes/probe_program.cpp", "write("},
      {"agent/probes/tls/memory_transport.cpp", "write("},
      {"agent/probes/zone/dnssec.cpp", "write("},
      {"agent/probes/zone/spf_evaluation.cpp", "write("},
      {"collector/expiry/icalendar.cpp", "std::remove("},
      {"collector/fleet/host_administration.h", "rename("},
      {"collector/fleet/sync_rules.h", "rename("},
      {"collector/targets/leases.cpp", "write("},
      {"collector/http/self_metrics.cpp", "write("},
      {"collector/http/stream.cpp", "write("},
      {"collector/http/stream.h", "write("},
      // The failpoints themselves, and what SQLite calls when they let it.
      {"collector/store/sqlite_faults.cpp", "write("},
      {"collector/store/sqlite_faults.cpp", "truncate("},
      {"common/failpoint.cpp", "O_CREAT"},
      {"common/failpoint.cpp", "write("},
      {"common/failpoint.h", "write("},
  };
  const auto allowed = without;
  for (const auto& [path, text] : sources()) {
    for (const auto& [at, what] : writers_in(text)) {
      without.erase({path.string(), what});
      EXPECT_TRUE(has_point(text, at) || allowed.contains({path.string(), what}))
          << path << ": " << what;
    }
  }
  for (const auto& [path, what] : without)
    ADD_FAILURE() << path << " has no " << what << " any more: remove its line here";
}

}  // namespace
}  // namespace muster::failpoint
