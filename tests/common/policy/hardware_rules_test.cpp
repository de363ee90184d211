// arrays_redundant, disks_healthy, memory_errors_few: what a machine has twice, and what wears out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/policy/status.h"
#include "muster/v1/hardware_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::Verdict judge_facts(const Control& control, const v1::HardwareFacts& facts,
                        v1::Virtualization where = v1::VIRTUALIZATION_NONE) {
  v1::HostFacts host;
  host.set_virtualization(where);
  return judge(control, {observed("host", host), observed("hardware", facts)});
}

std::string said(const v1::Verdict& verdict) {
  return std::string(status_name(verdict.status())) + ": " + verdict.summary();
}

v1::RedundantArray& add_array(v1::HardwareFacts& facts, v1::ArrayKind kind, const std::string& name,
                              v1::ArrayState state) {
  v1::RedundantArray& array = *facts.add_arrays();
  array.set_kind(kind);
  array.set_name(name);
  array.set_state(state);
  return array;
}

void add_member(v1::RedundantArray& array, const std::string& name, v1::MemberState state,
                const std::string& detail = {}) {
  v1::ArrayMember& member = *array.add_members();
  member.set_name(name);
  member.set_state(state);
  member.set_detail(detail);
}

void add_unread(v1::HardwareFacts& facts, const std::string& path, const std::string& error) {
  v1::UnreadableSource& source = *facts.add_unreadable();
  source.set_path(path);
  source.set_error(error);
}

TEST(ArraysRedundant, SaysWhatIsLackingAndOfWhat) {
  v1::HardwareFacts facts;
  v1::RedundantArray& md = add_array(facts, v1::ARRAY_KIND_MD, "md0", v1::ARRAY_STATE_DEGRADED);
  md.set_members_wanted(2);
  md.set_members_working(1);
  add_member(md, "sda1", v1::MEMBER_STATE_FAILED, "faulty");
  add_member(md, "sdb1", v1::MEMBER_STATE_WORKING, "in_sync");
  v1::RedundantArray& paths =
      add_array(facts, v1::ARRAY_KIND_MULTIPATH, "mpatha", v1::ARRAY_STATE_DEGRADED);
  paths.set_members_wanted(4);
  paths.set_members_working(3);
  add_member(paths, "sdc", v1::MEMBER_STATE_FAILED, "transport-offline");
  v1::RedundantArray& bond =
      add_array(facts, v1::ARRAY_KIND_BOND, "bond0", v1::ARRAY_STATE_HEALTHY);
  bond.set_members_wanted(2);
  bond.set_members_working(2);
  v1::RedundantArray& rebuilt =
      add_array(facts, v1::ARRAY_KIND_MD, "md1", v1::ARRAY_STATE_REBUILDING);
  rebuilt.set_percent(40);
  add_member(rebuilt, "sdd1", v1::MEMBER_STATE_REBUILDING);
  add_array(facts, v1::ARRAY_KIND_ZFS, "tank", v1::ARRAY_STATE_FAILED).set_detail("SUSPENDED");
  const v1::Verdict verdict = judge_facts(control_of("arrays_redundant"), facts);
  EXPECT_THAT(lines(verdict),
              ElementsAre("ZFS tank | fail | it does not work",
                          "md md0 | fail | it is degraded: 1 of 2 disks work; sda1 failed (faulty)",
                          "md md1 | fail | it is being rebuilt, 40 %; sdd1 is being filled",
                          "multipath mpatha | fail | it is degraded: 3 of 4 paths work; sdc failed "
                          "(transport-offline)",
                          "bond bond0 | pass | it is whole: 2 of 2 adapters work"));
  EXPECT_EQ(verdict.summary(),
            "4 of 5 arrays are not whole: md md0, multipath mpatha, md md1, ZFS tank");
}

TEST(ArraysRedundant, IsUnknownWhereTheSourceDoesNotTell) {
  v1::HardwareFacts facts;
  add_array(facts, v1::ARRAY_KIND_LVM, "vg0-root", v1::ARRAY_STATE_UNSPECIFIED);
  EXPECT_EQ(said(judge_facts(control_of("arrays_redundant"), facts)),
            "unknown: LVM vg0-root: its source does not tell how it is");
  facts.mutable_arrays(0)->set_detail("new\nwords");
  EXPECT_THAT(said(judge_facts(control_of("arrays_redundant"), facts)),
              HasSubstr(R"(its source says only: new\x0awords)"));
}

TEST(ArraysRedundant, OfWhatCouldNotBeReadIsNeverGood) {
  v1::HardwareFacts facts;
  add_array(facts, v1::ARRAY_KIND_BOND, "bond0", v1::ARRAY_STATE_HEALTHY);
  add_unread(facts, "/sys/block/md0/md/degraded", "Permission denied");
  EXPECT_EQ(said(judge_facts(control_of("arrays_redundant"), facts)),
            "unknown: /sys/block/md0/md/degraded: Permission denied");
  EXPECT_EQ(judge(control_of("arrays_redundant"), {}).status(), v1::STATUS_UNKNOWN);
}

TEST(ArraysRedundant, IsNotForWhatHasNone) {
  EXPECT_EQ(said(judge_facts(control_of("arrays_redundant"), {})),
            "not_applicable: nothing of it is there more than once");
  v1::HardwareFacts facts;
  add_array(facts, v1::ARRAY_KIND_MD, "md0", v1::ARRAY_STATE_DEGRADED);
  EXPECT_THAT(
      said(judge_facts(control_of("arrays_redundant"), facts, v1::VIRTUALIZATION_CONTAINER)),
      HasSubstr("not_applicable: it is a container"));
  // A guest has arrays of its own.
  EXPECT_EQ(judge_facts(control_of("arrays_redundant"), facts, v1::VIRTUALIZATION_VIRTUAL_MACHINE)
                .status(),
            v1::STATUS_FAIL);
}

v1::Disk& add_disk(v1::HardwareFacts& facts, const std::string& name, v1::DiskTransport transport) {
  v1::Disk& disk = *facts.add_disks();
  disk.set_name(name);
  disk.set_model("X5");
  disk.set_transport(transport);
  return disk;
}

TEST(DisksHealthy, NamesWhatEachSaysOfItself) {
  v1::HardwareFacts facts;
  v1::DiskHealth& failing = *add_disk(facts, "sda", v1::DISK_TRANSPORT_SATA).mutable_health();
  failing.set_predicts_failure(true);
  v1::DiskHealth& warning = *add_disk(facts, "nvme0n1", v1::DISK_TRANSPORT_NVME).mutable_health();
  warning.set_predicts_failure(true);
  warning.add_warnings("it is read-only");
  warning.set_spare_low(true);
  v1::DiskHealth& worn = *add_disk(facts, "nvme1n1", v1::DISK_TRANSPORT_NVME).mutable_health();
  worn.set_predicts_failure(false);
  worn.set_percent_used(90);
  v1::DiskHealth& well = *add_disk(facts, "nvme2n1", v1::DISK_TRANSPORT_NVME).mutable_health();
  well.set_predicts_failure(false);
  well.set_percent_used(89);
  add_disk(facts, "sdb", v1::DISK_TRANSPORT_SAS);
  const v1::Verdict verdict = judge_facts(control_of("disks_healthy"), facts);
  EXPECT_THAT(
      lines(verdict),
      ElementsAre("nvme0n1 | fail | X5 says that it is failing: it is read-only; has too few spare "
                  "blocks left",
                  "nvme1n1 | fail | X5 has used 90 % of its life",
                  "sda | fail | X5 says that it is failing",
                  "sdb | unknown | X5 did not tell how it fares",
                  "nvme2n1 | pass | X5 does not say that it is failing, and has used 89 % of its "
                  "life"));
  EXPECT_EQ(verdict.summary(), "3 of 5 disks are failing or worn out: sda, nvme0n1, nvme1n1");
}

TEST(DisksHealthy, HoldsToThePercentOfThePolicy) {
  v1::HardwareFacts facts;
  v1::DiskHealth& health = *add_disk(facts, "nvme0n1", v1::DISK_TRANSPORT_NVME).mutable_health();
  health.set_predicts_failure(false);
  health.set_percent_used(50);
  Control control = control_of("disks_healthy");
  EXPECT_EQ(judge_facts(control, facts).status(), v1::STATUS_PASS);
  control.parameters = {{"wear_percent", int64_t{50}}};
  EXPECT_EQ(judge_facts(control, facts).status(), v1::STATUS_FAIL);
}

// What an adapter hides is not said to be well.
TEST(DisksHealthy, DoesNotJudgeWhatDoesNotAnswerForItself) {
  for (const auto& [transport, why] :
       {std::pair(v1::DISK_TRANSPORT_UNSPECIFIED, "a volume of an adapter"),
        std::pair(v1::DISK_TRANSPORT_VIRTUAL, "a hypervisor's"),
        std::pair(v1::DISK_TRANSPORT_NETWORK, "another machine's"),
        std::pair(v1::DISK_TRANSPORT_USB, "nothing that it is attached by tells")}) {
    v1::HardwareFacts facts;
    add_disk(facts, "sda", transport);
    const v1::Verdict verdict = judge_facts(control_of("disks_healthy"), facts);
    EXPECT_EQ(verdict.status(), v1::STATUS_NOT_APPLICABLE);
    EXPECT_THAT(lines(verdict), ElementsAre(HasSubstr(why)));
  }
  EXPECT_EQ(said(judge_facts(control_of("disks_healthy"), {})),
            "not_applicable: it has no disk of its own");
}

v1::ModuleErrors& add_module(v1::MemoryErrors& controller, const std::string& label,
                             uint64_t corrected, uint64_t uncorrected) {
  v1::ModuleErrors& module = *controller.add_modules();
  module.set_label(label);
  module.set_corrected(corrected);
  module.set_uncorrected(uncorrected);
  return module;
}

TEST(MemoryErrorsFew, CountsEachModuleAndWhatIsOfNone) {
  v1::HardwareFacts facts;
  v1::MemoryErrors& controller = *facts.add_memory_errors();
  controller.set_controller("mc0");
  controller.set_corrected(4108);
  controller.set_uncorrected(1);
  add_module(controller, "A1", 0, 0);
  add_module(controller, "A2", 7, 0);
  add_module(controller, "A3", 101, 0);
  add_module(controller, "", 4000, 1).set_location("channel 0 slot 1");
  EXPECT_THAT(lines(judge_facts(control_of("memory_errors_few"), facts)),
              ElementsAre("mc0 A3 | fail | 101 errors were corrected since the machine was "
                          "started, more than 100",
                          "mc0 channel 0 slot 1 | fail | 1 error could not be corrected, and 4000 "
                          "were, since the machine was started",
                          "mc0 A1 | pass | no error since the machine was started",
                          "mc0 A2 | pass | 7 errors were corrected since the machine was started"));
  // Errors that the controller counted, and that are of no module that it knows.
  controller.set_uncorrected(2);
  EXPECT_THAT(lines(judge_facts(control_of("memory_errors_few"), facts)),
              ::testing::Contains("mc0 | fail | 1 error could not be corrected, and 0 were, since "
                                  "the machine was started"));
}

TEST(MemoryErrorsFew, IsNotForWhatDoesNotCountThem) {
  EXPECT_THAT(said(judge_facts(control_of("memory_errors_few"), {})),
              HasSubstr("not_applicable: nothing counts the errors of its memory"));
  v1::HardwareFacts facts;
  facts.add_memory_errors()->set_controller("mc0");
  EXPECT_EQ(judge_facts(control_of("memory_errors_few"), facts).status(), v1::STATUS_PASS);
  EXPECT_EQ(judge_facts(control_of("memory_errors_few"), facts, v1::VIRTUALIZATION_VIRTUAL_MACHINE)
                .status(),
            v1::STATUS_NOT_APPLICABLE);
  add_unread(facts, "/sys/devices/system/edac/mc/mc0/ce_count", "Permission denied");
  EXPECT_EQ(judge_facts(control_of("memory_errors_few"), facts).status(), v1::STATUS_UNKNOWN);
}

}  // namespace
}  // namespace muster::policy
