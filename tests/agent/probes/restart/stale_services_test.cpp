#include "agent/probes/restart/stale_services.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <map>
#include <string>
#include <string_view>

namespace muster::restart {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view kNginx = "0::/system.slice/nginx.service\n";
constexpr BootClock kClock{.started_at = 1'767'225'600, .ticks_per_second = 100};

std::string mapping(std::string_view path, std::string_view device = "08:02", int inode = 12) {
  return "r-xp 00000000 " + std::string(device) + " " + std::to_string(inode) +
         "                  " + std::string(path) + "\n";
}

// Processes, whose texts it keeps, and the files of their roots.
class StaleServices : public ::testing::Test {
 protected:
  Process& add(std::string program, std::string_view group, std::string maps, int32_t root = 0) {
    Process process;
    process.root = root;
    process.program = std::move(program);
    process.start_ticks = 6000;
    process.control_groups = texts_.emplace_back(group);
    process.maps = texts_.emplace_back(std::move(maps));
    return list_.processes.emplace_back(process);
  }
  v1::RestartFacts look() {
    v1::RestartFacts facts;
    add_stale_services(
        list_,
        [this](int32_t root, const std::string& path) {
          ++searches_;
          const auto found = files_.find({root, path});
          return found == files_.end() ? std::nullopt : std::optional(found->second);
        },
        kClock, facts);
    return facts;
  }
  static FileIdentity file(uint32_t major, uint32_t minor, uint64_t inode) {
    return {major, minor, inode};
  }

  ProcessList list_;
  std::list<std::string> texts_;
  std::map<std::pair<int32_t, std::string>, FileIdentity> files_;
  int searches_ = 0;
};

TEST_F(StaleServices, AreThoseWithFilesThatAreGone) {
  add("nginx", kNginx, mapping("/usr/lib/libssl.so.3 (deleted)")).start_ticks = 12'050;
  add("nginx", kNginx,
      mapping("/usr/lib/libssl.so.3 (deleted)") + mapping("/usr/lib/libz.so.1 (deleted)"))
      .start_ticks = 90'000;
  add("cron", "0::/system.slice/cron.service\n", mapping("/usr/sbin/cron"));
  const v1::RestartFacts facts = look();
  ASSERT_THAT(facts.stale_services(), SizeIs(1));
  const v1::StaleService& service = facts.stale_services(0);
  EXPECT_EQ(service.unit(), "nginx.service");
  EXPECT_EQ(service.container(), "");
  EXPECT_THAT(service.programs(), ElementsAre("nginx"));
  EXPECT_EQ(service.processes(), 2U);
  EXPECT_THAT(service.files(), ElementsAre("/usr/lib/libssl.so.3", "/usr/lib/libz.so.1"));
  EXPECT_EQ(service.file_count(), 2U);
  EXPECT_EQ(service.started_at().seconds(), 1'767'225'600 + 120);
  EXPECT_EQ(facts.stale_service_count(), 1U);
  EXPECT_EQ(facts.processes(), 3U);
  EXPECT_EQ(facts.processes_unreadable(), 0U);
  EXPECT_THAT(facts.problems(), SizeIs(0));
}

TEST_F(StaleServices, OutsideOfUnitsAreThePrograms) {
  add("old", "0::/\n", mapping("/usr/bin/old (deleted)"));
  add("older", "0::/\n", mapping("/usr/bin/older (deleted)"));
  add("old", "0::/\n", mapping("/usr/bin/old (deleted)"));
  const v1::RestartFacts facts = look();
  ASSERT_THAT(facts.stale_services(), SizeIs(2));
  EXPECT_THAT(facts.stale_services(0).programs(), ElementsAre("old"));
  EXPECT_EQ(facts.stale_services(0).processes(), 2U);
  EXPECT_THAT(facts.stale_services(1).programs(), ElementsAre("older"));
}

TEST_F(StaleServices, AreNotThoseThatExecuteWhatTheyMadeThemselves) {
  for (const std::string_view path :
       {"/memfd:jit (deleted)", "/tmp/ffiAbCdEf (deleted)", "/dev/zero (deleted)",
        "/SYSV00000000 (deleted)", "/home/u/orcexec.Ab (deleted)"}) {
    add("jit", kNginx, mapping(path));
  }
  EXPECT_THAT(look().stale_services(), SizeIs(0));
}

// Compared with the file in the root of the process, which is not the probe's.
TEST_F(StaleServices, AreThoseWithAnotherFileInThePlaceOfTheirs) {
  files_[{0, "/usr/lib/a.so"}] = file(8, 2, 12);
  files_[{1, "/usr/lib/a.so"}] = file(8, 2, 99);
  files_[{2, "/usr/lib/a.so"}] = file(8, 3, 12);
  add("same", "0::/system.slice/same.service\n", mapping("/usr/lib/a.so"), 0);
  add("inode", "0::/system.slice/inode.service\n", mapping("/usr/lib/a.so"), 1);
  add("device", "0::/system.slice/device.service\n", mapping("/usr/lib/a.so"), 2);
  const v1::RestartFacts facts = look();
  ASSERT_THAT(facts.stale_services(), SizeIs(2));
  EXPECT_EQ(facts.stale_services(0).unit(), "device.service");
  EXPECT_EQ(facts.stale_services(1).unit(), "inode.service");
}

TEST_F(StaleServices, AreNotJudgedByNumbersThatCannotBeCompared) {
  // overlayfs maps the file below, btrfs has a device for each subvolume.
  files_[{0, "/usr/lib/overlay.so"}] = file(0, 45, 99);
  files_[{0, "/usr/lib/btrfs.so"}] = file(0, 31, 12);
  add("a", kNginx, mapping("/usr/lib/overlay.so", "08:02"));
  add("b", kNginx, mapping("/usr/lib/btrfs.so", "00:21"));
  // Nothing there: of a chroot, whose paths begin at the mount namespace's root.
  add("c", kNginx, mapping("/srv/chroot/usr/lib/c.so"));
  // No root to look into, or nothing that the probe may see there.
  add("d", kNginx, mapping("/usr/lib/overlay.so"), -1);
  EXPECT_THAT(look().stale_services(), SizeIs(0));
  EXPECT_EQ(searches_, 2);
}

// What is mounted over the files of a process is seen in its root; of so many roots and no more.
TEST_F(StaleServices, SayOfHowManyProcessesMountsAreUnseen) {
  files_[{63, "/usr/lib/a.so"}] = file(8, 2, 12);
  add("last", kNginx, mapping("/usr/lib/a.so"), 63);
  EXPECT_EQ(look().processes_mounts_unseen(), 0U);
  for (int i = 0; i < 12; ++i)
    add("beyond", kNginx, mapping("/usr/lib/a.so") + mapping("/usr/lib/b.so"), 64);
  EXPECT_EQ(look().processes_mounts_unseen(), 10U);
  EXPECT_THAT(look().stale_services(), SizeIs(0));
  EXPECT_THAT(look().problems(), SizeIs(0));
}

TEST_F(StaleServices, HaveTheirMountsUnseenOnlyWhereThatLeavesSomethingOpen) {
  // Gone anyway, of a file system without a device, no program.
  add("a", kNginx, mapping("/usr/lib/a.so (deleted)"), 64);
  add("b", kNginx, mapping("/usr/lib/overlay.so", "00:21"), 64);
  add("c", kNginx, mapping("/tmp/c.so"), 64);
  const v1::RestartFacts facts = look();
  EXPECT_EQ(facts.processes_mounts_unseen(), 0U);
  EXPECT_EQ(facts.stale_services(0).processes(), 1U);
}

TEST_F(StaleServices, LookForEachFileOfARootOnce) {
  files_[{0, "/usr/lib/a.so"}] = file(8, 2, 12);
  files_[{1, "/usr/lib/a.so"}] = file(8, 2, 12);
  for (int i = 0; i < 100; ++i)
    add("many", kNginx, mapping("/usr/lib/a.so"), i % 2);
  look();
  EXPECT_EQ(searches_, 2);
}

TEST_F(StaleServices, SayWhatCouldNotBeRead) {
  list_.unreadable = 7;
  list_.first_unreadable = "nginx (12)";
  list_.cut = 1;
  const v1::RestartFacts facts = look();
  EXPECT_EQ(facts.processes_unreadable(), 7U);
  ASSERT_THAT(facts.problems(), SizeIs(2));
  EXPECT_THAT(facts.problems(0),
              StartsWith("of at least 7 processes, nginx (12) and others, the maps could"));
  EXPECT_THAT(facts.problems(1), StartsWith("of one process only a part"));
}

TEST_F(StaleServices, SayThatRootWouldSeeMoreOnlyWhereItWould) {
  list_.unreadable = 1;
  list_.first_unreadable = "nginx (12)";
  const std::string sentence =
      "of one process, nginx (12), the maps could not be read, so replaced libraries are not known";
  EXPECT_EQ(look().problems(0), sentence);
  list_.root_would_see_more = true;
  EXPECT_EQ(look().problems(0), sentence + ": root may read those of all users");
}

// Facts that say the same of the same host do not become new ones with each process that comes.
TEST_F(StaleServices, AreTheSameFactsWhateverElseRuns) {
  list_.unreadable = 23;
  for (int i = 0; i < 190; ++i)
    add("many", kNginx, mapping("/usr/lib/a.so"));
  const std::string before = look().SerializeAsString();
  EXPECT_EQ(look().processes(), 100U);
  EXPECT_EQ(look().processes_unreadable(), 20U);
  list_.unreadable = 29;
  add("one more", kNginx, mapping("/usr/lib/b.so"));
  EXPECT_EQ(look().SerializeAsString(), before);
}

TEST_F(StaleServices, AreBoundedAndCounted) {
  for (int i = 0; i < 510; ++i) {
    add("a", "0::/system.slice/a" + std::to_string(i) + ".service\n",
        mapping("/usr/lib/a.so (deleted)"));
  }
  std::string maps;
  for (int i = 0; i < 30; ++i)
    maps += mapping("/usr/lib/" + std::to_string(i) + ".so (deleted)");
  for (int i = 0; i < 12; ++i)
    add("program" + std::to_string(i), "0::/system.slice/0.service\n", maps);
  const v1::RestartFacts facts = look();
  EXPECT_THAT(facts.stale_services(), SizeIs(500));
  EXPECT_EQ(facts.stale_service_count(), 511U);
  const v1::StaleService& service = facts.stale_services(0);
  EXPECT_EQ(service.unit(), "0.service");
  EXPECT_THAT(service.programs(), SizeIs(10));
  EXPECT_THAT(service.files(), SizeIs(20));
  EXPECT_EQ(service.file_count(), 30U);
}

// Whoever has a shell can map as many files, from as many control groups, as the table holds.
TEST_F(StaleServices, OfMoreFilesAndServicesThanAreKeptTheRestIsCounted) {
  std::string maps;
  for (int i = 0; i < 50'001; ++i)
    maps += mapping("/home/u/" + std::to_string(i) + ".so (deleted)");
  add("many", kNginx, std::move(maps));
  add("next", kNginx, mapping("/usr/lib/one-more.so (deleted)"));
  add("known", kNginx, mapping("/home/u/0.so (deleted)"));
  const v1::RestartFacts facts = look();
  EXPECT_EQ(facts.stale_services(0).file_count(), 50'000U);
  ASSERT_THAT(facts.problems(), SizeIs(1));
  EXPECT_THAT(facts.problems(0), StartsWith("of at least 2 processes only a part of the maps"));

  list_.processes.clear();
  for (int i = 0; i < 10'010; ++i) {
    add("a", "0::/system.slice/a" + std::to_string(i) + ".service\n",
        mapping("/usr/lib/a.so (deleted)"));
  }
  const v1::RestartFacts of_many = look();
  EXPECT_EQ(of_many.stale_service_count(), 10'000U);
  ASSERT_THAT(of_many.problems(), SizeIs(1));
  EXPECT_THAT(of_many.problems(0), StartsWith("of at least 10 processes only a part"));
}

TEST_F(StaleServices, HavePathsThatNobodyCanForgeALineWith) {
  add("a", kNginx, mapping("/opt/\x1b[2J\\012x.so (deleted)"));
  EXPECT_THAT(look().stale_services(0).files(), ElementsAre("/opt/\\x1b[2J\\x0ax.so"));
}

}  // namespace
}  // namespace muster::restart
