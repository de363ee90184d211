#include "common/exposition/hardware_metrics.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/exposition/host_families.h"

namespace muster::exposition {
namespace {

std::string_view transport_name(v1::DiskTransport transport) {
  switch (transport) {
    case v1::DISK_TRANSPORT_NVME:
      return "nvme";
    case v1::DISK_TRANSPORT_SATA:
      return "sata";
    case v1::DISK_TRANSPORT_SAS:
      return "sas";
    case v1::DISK_TRANSPORT_USB:
      return "usb";
    case v1::DISK_TRANSPORT_VIRTUAL:
      return "virtual";
    case v1::DISK_TRANSPORT_NETWORK:
      return "network";
    case v1::DISK_TRANSPORT_MMC:
      return "mmc";
    default:
      return "unknown";
  }
}

std::string_view health_name(const v1::DiskHealth& health) {
  if (!health.has_predicts_failure()) return "unknown";
  return health.predicts_failure() ? "failing" : "ok";
}

std::string_view kind_name(v1::ArrayKind kind) {
  switch (kind) {
    case v1::ARRAY_KIND_MD:
      return "md";
    case v1::ARRAY_KIND_ZFS:
      return "zfs";
    case v1::ARRAY_KIND_LVM:
      return "lvm";
    case v1::ARRAY_KIND_MULTIPATH:
      return "multipath";
    case v1::ARRAY_KIND_BOND:
      return "bond";
    case v1::ARRAY_KIND_BTRFS:
      return "btrfs";
    default:
      return "unknown";
  }
}

std::string_view state_name(v1::ArrayState state) {
  switch (state) {
    case v1::ARRAY_STATE_HEALTHY:
      return "healthy";
    case v1::ARRAY_STATE_DEGRADED:
      return "degraded";
    case v1::ARRAY_STATE_FAILED:
      return "failed";
    case v1::ARRAY_STATE_REBUILDING:
      return "rebuilding";
    default:
      return "unknown";
  }
}

void add_disks(SampleWriter& writer, const v1::HardwareFacts& facts) {
  const int shown = std::min(facts.disks_size(), kMostDiskSeries);
  for (int i = 0; i < shown; ++i) {
    const v1::Disk& disk = facts.disks(i);
    const v1::DiskHealth& health = disk.health();
    writer.add(kDiskInfo,
               {{"disk", disk.name()},
                {"vendor", disk.vendor()},
                {"model", disk.model()},
                {"transport", transport_name(disk.transport())}},
               1);
    writer.add(kDiskSize, {{"disk", disk.name()}}, static_cast<double>(disk.size_bytes()));
    writer.add(kDiskHealth, {{"disk", disk.name()}, {"state", health_name(health)}}, 1);
    if (health.has_percent_used()) {
      writer.add(kDiskWear, {{"disk", disk.name()}}, health.percent_used() / 100.0);
    }
    if (health.has_media_errors()) {
      writer.add(kDiskMediaErrors, {{"disk", disk.name()}},
                 static_cast<double>(health.media_errors()));
    }
  }
  writer.note_cut(static_cast<uint64_t>(facts.disks_size() - shown));
}

void add_arrays(SampleWriter& writer, const v1::HardwareFacts& facts) {
  const int shown = std::min(facts.arrays_size(), kMostArraySeries);
  for (int i = 0; i < shown; ++i) {
    const v1::RedundantArray& array = facts.arrays(i);
    const std::string_view kind = kind_name(array.kind());
    writer.add(kArrayState,
               {{"kind", kind},
                {"array", array.name()},
                {"level", array.level()},
                {"state", state_name(array.state())}},
               1);
    if (array.members_wanted() == 0) continue;
    writer.add(kArrayMembers, {{"kind", kind}, {"array", array.name()}, {"state", "wanted"}},
               array.members_wanted());
    writer.add(kArrayMembers, {{"kind", kind}, {"array", array.name()}, {"state", "working"}},
               array.members_working());
  }
  writer.note_cut(static_cast<uint64_t>(facts.arrays_size() - shown));
}

void add_memory_errors(SampleWriter& writer, const v1::HardwareFacts& facts) {
  int left = kMostModuleSeries;
  const auto add = [&writer, &left](std::string_view controller, std::string_view module,
                                    uint64_t corrected, uint64_t uncorrected) {
    if (--left < 0) return writer.note_cut(1);
    for (const auto& [kind, count] :
         {std::pair("corrected", corrected), std::pair("uncorrected", uncorrected)}) {
      writer.add(kMemoryErrors, {{"controller", controller}, {"module", module}, {"kind", kind}},
                 static_cast<double>(count));
    }
  };
  for (const v1::MemoryErrors& controller : facts.memory_errors()) {
    // Of the controller as a whole, and of it those of each module that is known.
    add(controller.controller(), "", controller.corrected(), controller.uncorrected());
    for (const v1::ModuleErrors& module : controller.modules()) {
      add(controller.controller(), module.label().empty() ? module.location() : module.label(),
          module.corrected(), module.uncorrected());
    }
  }
}

void add_power_supplies(SampleWriter& writer, const v1::HardwareFacts& facts) {
  // Of a machine that lists none there is nothing to say.
  if (facts.power_supplies().empty()) return;
  constexpr std::array<std::string_view, 6> kStates = {"unknown", "ok",        "warning",
                                                       "failed",  "unplugged", "absent"};
  std::array<uint32_t, kStates.size()> counts{};
  for (const v1::PowerSupply& supply : facts.power_supplies()) {
    const auto state = static_cast<size_t>(supply.state());
    ++counts.at(state < counts.size() ? state : 0);
  }
  for (size_t i = 0; i < counts.size(); ++i)
    writer.add(kPowerSupplies, {{"state", kStates.at(i)}}, counts.at(i));
}

}  // namespace

void add_hardware(SampleWriter& writer, const v1::HardwareFacts& facts) {
  const v1::MachineIdentity& machine = facts.machine();
  writer.add(kHardwareInfo,
             {{"vendor", machine.vendor()},
              {"model", machine.model()},
              {"board", machine.board_model()},
              {"chassis", machine.chassis()}},
             1);
  writer.add(kHardwareProcessors, {}, facts.processors_size());
  writer.add(kHardwareMemory, {}, static_cast<double>(facts.memory().total_bytes()));
  add_disks(writer, facts);
  add_arrays(writer, facts);
  add_memory_errors(writer, facts);
  add_power_supplies(writer, facts);
}

}  // namespace muster::exposition
