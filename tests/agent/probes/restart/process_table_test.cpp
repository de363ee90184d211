// The table of processes: how it is made from a /proc, and how it is read.
#include "agent/sandbox/process_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "agent/probes/restart/process_list.h"
#include "tests/agent/probes/test_root.h"

namespace muster::restart {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kStat =
    "812 (nginx) S 1 812 812 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 "
    "56946688 1462 18446744073709551615 1 1 0 0 0 0 0 0 0\n";
constexpr std::string_view kMaps =
    "55d0-55d1 r--p 00000000 08:02 11 /usr/sbin/nginx\n"
    "55d1-55d9 r-xp 00001000 08:02 11 /usr/sbin/nginx\n"
    "55e0-55e1 rw-p 00000000 00:00 0 [heap]\n"
    "7f00-7f10 r-xp 00000000 08:02 12 /usr/lib/libssl.so.3 (deleted)\n"
    "7f20-7f30 rw-s 00000000 00:01 13 /dev/zero (deleted)\n"
    "7ffd-7ffe r-xp 00000000 00:00 0 [vdso]\n";

class ProcessTable : public ::testing::Test {
 protected:
  void add(std::string_view pid, std::string_view stat, std::string_view maps) const {
    const std::string directory = "/proc/" + std::string(pid);
    root_.write(directory + "/stat", stat);
    root_.write(directory + "/cgroup", "0::/system.slice/nginx.service\n");
    root_.write(directory + "/maps", maps);
    root_.link(directory + "/root", root_.path());
  }
  std::string gather() const { return agent::gather_processes((root_.path() + "/proc").c_str()); }

  test::TestRoot root_;
};

TEST_F(ProcessTable, HasWhatEachProcessExecutes) {
  add("812", kStat, kMaps);
  const std::string table = gather();
  const auto list = parse_process_table(table);
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->processes.size(), 1U);
  const Process& process = list->processes[0];
  EXPECT_EQ(process.id, 812);
  EXPECT_EQ(process.program, "nginx");
  EXPECT_EQ(process.start_ticks, 4711U);
  EXPECT_EQ(process.control_groups, "0::/system.slice/nginx.service\n");
  EXPECT_EQ(process.maps,
            "r-xp 00001000 08:02 11 /usr/sbin/nginx\n"
            "r-xp 00000000 08:02 12 /usr/lib/libssl.so.3 (deleted)\n");
  EXPECT_EQ(list->unreadable, 0U);
}

TEST_F(ProcessTable, TellsNobodyWhereAProcessHasWhatInItsMemory) {
  add("812", kStat, kMaps);
  const std::string table = gather();
  EXPECT_THAT(table, HasSubstr("812 (nginx) S 1 812 812 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711"
                               "0::/system.slice"));
  for (const char* const address : {"55d1", "55d9", "7f00", "7f10", "18446744073709551615"})
    EXPECT_THAT(table, Not(HasSubstr(address)));
}

TEST_F(ProcessTable, LeavesItsRootsOpenEachOnce) {
  add("812", kStat, kMaps);
  add("813", kStat, kMaps);
  const std::string table = gather();
  const auto list = parse_process_table(table);
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->processes.size(), 2U);
  EXPECT_EQ(list->processes[0].root, 0);
  EXPECT_EQ(list->processes[1].root, 0);
  struct stat opened {};
  struct stat named {};
  ASSERT_EQ(::fstat(agent::kFirstProcessRoot, &opened), 0);
  ASSERT_EQ(::stat(root_.path().c_str(), &named), 0);
  EXPECT_EQ(opened.st_ino, named.st_ino);
  ::close(agent::kFirstProcessRoot);
}

TEST_F(ProcessTable, HasNoMoreRootsThanItsBound) {
  for (int i = 0; i < agent::kMostProcessRoots + 2; ++i) {
    const std::string process = std::to_string(i + 1);
    add(process, kStat, kMaps);
    std::filesystem::remove(root_.path() + "/proc/" + process + "/root");
    root_.make_directory("/proc/" + process + "/root");
  }
  const std::string table = gather();
  const auto list = parse_process_table(table);
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->processes.size(), 66U);
  std::multiset<int32_t> roots;
  for (const Process& process : list->processes)
    roots.insert(process.root);
  EXPECT_EQ(roots.count(agent::kMostProcessRoots), 2U);
  EXPECT_EQ(roots.count(agent::kMostProcessRoots - 1), 1U);
  for (int i = 0; i < agent::kMostProcessRoots; ++i)
    EXPECT_EQ(::close(agent::kFirstProcessRoot + i), 0) << i;
}

TEST_F(ProcessTable, PassesOverThreadsOfTheKernelAndWhatIsNoProcess) {
  add("2", "2 (kthreadd) S 0 0 0 0 -1 2129984 0\n", "");
  root_.write("/proc/version", "Linux\n");
  root_.make_directory("/proc/sys");
  // It ended between the listing and the look.
  root_.make_directory("/proc/99");
  const std::string table = gather();
  const auto list = parse_process_table(table);
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(list->processes.empty());
  EXPECT_EQ(list->unreadable, 0U);
}

TEST_F(ProcessTable, CountsProcessesThatAreNotItsToRead) {
  add("812", kStat, kMaps);
  root_.set_mode("/proc/812/maps", 0);
  const test::WithoutRights nobody;
  const std::string table = gather();
  const auto list = parse_process_table(table);
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->unreadable, 1U);
  EXPECT_EQ(list->first_unreadable, "nginx (812)");
  EXPECT_TRUE(list->processes.empty());
}

TEST_F(ProcessTable, IsBoundedForEachProcessAndSaysSo) {
  std::string maps;
  while (maps.size() <= agent::kMostOfMaps)
    maps += "7f00-7f10 rw-p 00000000 08:02 12 /var/lib/some/data/file/of/a/database\n";
  add("812", kStat, std::string(kMaps) + maps);
  const std::string table = gather();
  EXPECT_LT(table.size(), 10'000U);
  const auto list = parse_process_table(table);
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->cut, 1U);
  ASSERT_EQ(list->processes.size(), 1U);
  EXPECT_THAT(std::string(list->processes[0].maps), HasSubstr("libssl"));
}

TEST_F(ProcessTable, IsEmptyWithoutProc) {
  EXPECT_EQ(agent::gather_processes((root_.path() + "/nothing").c_str()), "");
}

TEST_F(ProcessTable, ThatIsNotWholeIsRefused) {
  add("812", kStat, kMaps);
  const std::string table = gather();
  for (size_t size = 1; size < table.size(); ++size)
    EXPECT_FALSE(parse_process_table(table.substr(0, size)).ok()) << size;
}

TEST_F(ProcessTable, TakesAnyNameForAProgramsName) {
  for (const auto& [stat, program, ticks] :
       {std::tuple("1 (a) S 1) S 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 42 1\n", "a) S 1", 42U),
        std::tuple("1 (new\nline) S 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 42 1\n", "new\\x0aline",
                   42U),
        std::tuple("1 (x) S 0 1\n", "x", 0U), std::tuple("1 (x)\n", "x", 0U),
        std::tuple("garbage\n", "", 0U), std::tuple(") (\n", "", 0U)}) {
    const test::TestRoot root;
    root.write("/1/stat", stat);
    root.write("/1/maps", kMaps);
    const std::string table = agent::gather_processes(root.path().c_str());
    const auto list = parse_process_table(table);
    ASSERT_TRUE(list.ok());
    ASSERT_EQ(list->processes.size(), 1U);
    EXPECT_EQ(list->processes[0].program, program);
    EXPECT_EQ(list->processes[0].start_ticks, ticks) << stat;
  }
}

}  // namespace
}  // namespace muster::restart
