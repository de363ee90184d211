// What happens to disks and what is made of them.
#include <fmt/format.h>

#include "tests/agent/probes/firmware/device_replies.h"
#include "tests/agent/probes/hardware/hardware_replies.h"
#include "tests/agent/probes/hardware/mapping_reply.h"
#include "tests/agent/probes/hardware/stories/stories.h"

namespace muster::test {
namespace {

using Answers = std::vector<answers::Answer>;

// The boot array has lost a disk, which the kernel still has; the other gets a new member.
void tell_degraded_md(HardwareMachine& machine) {
  machine.add_sata_disk("sda", "0:0:0:0", "INTEL SSDSC2KG48", "937703088");
  machine.add_sata_disk("sdb", "1:0:0:0", "INTEL SSDSC2KG48", "937703088");
  machine.add_virtual_block("md0", {{"size", "1951744"}});
  machine.add_files("/sys/block/md0/md", {{"level", "raid1"},
                                          {"array_state", "clean"},
                                          {"metadata_version", "1.2"},
                                          {"raid_disks", "2"},
                                          {"degraded", "1"},
                                          {"sync_action", "idle"},
                                          {"sync_completed", "none"},
                                          {"mismatch_cnt", "0"}});
  machine.add_md_member("md0", "sda1", "in_sync", "0");
  machine.add_md_member("md0", "sdb1", "faulty", "none");
  machine.add_virtual_block("md1", {{"size", "1875144704"}});
  machine.add_files("/sys/block/md1/md", {{"level", "raid5"},
                                          {"array_state", "active"},
                                          {"metadata_version", "1.2"},
                                          {"raid_disks", "3"},
                                          {"degraded", "1"},
                                          {"sync_action", "recover"},
                                          {"sync_completed", "350123456 / 937571968"},
                                          {"mismatch_cnt", "128"}});
  machine.add_md_member("md1", "sda2", "in_sync", "0");
  machine.add_md_member("md1", "sdc2", "in_sync", "1");
  machine.add_md_member("md1", "sdd2", "spare", "2");
  machine.add_md_member("md1", "sde2", "spare", "none");
}

// One of two paths of each group has failed; of one of these the adapter has noticed too.
void tell_dead_path(HardwareMachine& machine) {
  machine.add_path("sdb", "8:16", "1:0:0", "running");
  machine.add_path("sdc", "8:32", "1:0:1", "transport-offline");
  machine.add_path("sdd", "8:48", "2:0:0", "running");
  machine.add_path("sde", "8:64", "2:0:1", "running");
  machine.add_mapping("dm-0", "mpatha", "mpath-3600a098038303053743f463045727a36",
                      {"sdb", "sdc", "sdd", "sde"});
}

Answers answer_dead_path() {
  return {answered("dm-0/status", mapping_reply({{"multipath",
                                                  "2 0 0 0 2 1 A 0 2 2 8:16 A 0 0 50 8:32 F 4 0 50 "
                                                  "E 0 2 2 8:48 A 0 0 10 8:64 F 1 0 10 "}})),
          // The array refuses the page (sense key 5): it tells nothing of itself.
          refused("sdb/warnings", "\x72\x05\x24\x00\x00\x00\x00\x00")};
}

// A pool of ZFS without one of its disks, and a file system of btrfs.
void tell_pools(HardwareMachine& machine) {
  machine.files().write("/proc/spl/kstat/zfs/arcstats", "9 1 0x01 147 39984 1 2\n");
  machine.files().write("/proc/spl/kstat/zfs/tank/state", "DEGRADED\n");
  machine.files().write("/proc/spl/kstat/zfs/tank/txgs", "20 0 0x01 0 0\n");
  machine.files().write("/proc/spl/kstat/zfs/rpool/state", "ONLINE\n");
  const std::string archive = "/sys/fs/btrfs/4f2c2a9e-7d0c-4f0e-8d62-5a0d9a1f0c11";
  machine.files().make_directory("/sys/fs/btrfs/features");
  machine.files().make_directory(archive + "/allocation/data/raid1");
  machine.add_files(archive, {{"label", ""},
                              {"allocation/data/flags", "1"},
                              {"devinfo/1/missing", "0"},
                              {"devinfo/2/missing", "1"}});
}

// Disks that answer: a worn one at NVMe that warns, one at SATA that predicts its end, one at SAS.
void tell_failing_disks(HardwareMachine& machine) {
  machine.add_sata_disk("sda", "0:0:0:0", "SAMSUNG MZ7LH960", "1875385008");
  machine.add_sata_disk("sdb", "1:0:0:0", "ST4000NM0035-1V4", "7814037168");
  machine.add_files("/sys/block/sdb", {{"queue/rotational", "1"}, {"removable", "1"}});
  machine.add_disk("sdc", "0000:18:00.0", "/host1/port-1:0/end_device-1:0/target1:0:0/1:0:0:0", "0",
                   {{"vendor", "SEAGATE "}, {"model", "ST1200MM0009    "}, {"rev", "N004"}});
  machine.add_files("/sys/block/sdc", {{"size", "2344225968"}, {"queue/rotational", "1"}});
  machine.add_disk("sdd", "0000:00:14.0", "/usb1/1-1/1-1:1.0/host2/target2:0:0/2:0:0:0", "1",
                   {{"vendor", "SanDisk "}, {"model", "Ultra           "}, {"rev", "1.00"}});
  // Several controllers lead to this one's subsystem.
  machine.add_device("nvme", "nvme1", "0000:65:00.0", {{"transport", "pcie"}});
  const std::string subsystem = "/sys/devices/virtual/nvme-subsystem/nvme-subsys0";
  machine.add_files(subsystem,
                    {{"model", "SAMSUNG MZQL21T9HCJR-00A07"}, {"serial", "S64GNE0R000001"}});
  machine.add_files(subsystem + "/nvme0n1",
                    {{"size", "3750748848"}, {"removable", "0"}, {"queue/rotational", "0"}});
  machine.files().link(subsystem + "/nvme1",
                       "../../../pci0000:00/0000:00:02.0/0000:65:00.0/nvme/nvme1");
  machine.files().link(subsystem + "/nvme0n1/device", "../../nvme-subsys0");
  machine.files().link("/sys/block/nvme0n1",
                       "../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1");
  machine.add_files("/sys/block/nvme0c1n1", {{"device/model", "x"}, {"hidden", "1"}});
}

Answers answer_failing_disks() {
  return {// Few spare blocks are left, and it is too hot.
          answered("nvme1/health", nvme_health(0x03, 4, 10, 103, 17)),
          smart_status("sda/smart-status", false),
          answered("sda/solid-state", solid_state(97)),
          smart_status("sdb/smart-status", true),
          refused("sdb/solid-state", "\x72\x0b\x00\x00\x00\x00\x00\x00"),
          answered("sdc/warnings",
                   std::string("\x2f\x00\x00\x08\x00\x00\x03\x04\x5d\x14\x29\x00", 12))};
}

}  // namespace

std::vector<HardwareStory> storage_stories() {
  return {{"degraded_md", &tell_degraded_md},
          {"multipath_with_a_dead_path", &tell_dead_path, &answer_dead_path},
          {"pools", &tell_pools},
          {"failing_disks", &tell_failing_disks, &answer_failing_disks}};
}

}  // namespace muster::test
