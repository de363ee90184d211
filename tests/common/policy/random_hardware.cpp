#include "tests/common/policy/random_hardware.h"

namespace muster::testing {

v1::HardwareFacts random_hardware(RandomWorld& world) {
  v1::HardwareFacts facts;
  for (const char* name : {"sda", "sdb", "nvme0n1"}) {
    if (world.chance(30)) continue;
    v1::Disk& disk = *facts.add_disks();
    disk.set_name(name);
    disk.set_transport(static_cast<v1::DiskTransport>(world.pick(0, 7)));
    if (world.chance(70)) disk.mutable_health()->set_predicts_failure(world.chance(20));
    if (world.chance(50)) {
      disk.mutable_health()->set_percent_used(static_cast<uint32_t>(world.pick(0, 255)));
    }
    if (world.chance(30)) disk.mutable_health()->set_spare_low(world.chance(20));
  }
  for (const char* name : {"md0", "bond0"}) {
    if (world.chance(40)) continue;
    v1::RedundantArray& array = *facts.add_arrays();
    array.set_kind(static_cast<v1::ArrayKind>(world.pick(0, 6)));
    array.set_name(name);
    array.set_state(static_cast<v1::ArrayState>(world.pick(0, 4)));
    array.set_members_wanted(static_cast<uint32_t>(world.pick(0, 3)));
    array.set_members_working(static_cast<uint32_t>(world.pick(0, 3)));
  }
  if (world.chance(50)) {
    v1::MemoryErrors& controller = *facts.add_memory_errors();
    controller.set_controller("mc0");
    controller.set_corrected(static_cast<uint64_t>(world.pick(0, 300)));
    controller.set_uncorrected(world.chance(10) ? 1 : 0);
    if (world.chance(60)) controller.add_modules()->set_corrected(controller.corrected() / 2);
  }
  return facts;
}

}  // namespace muster::testing
