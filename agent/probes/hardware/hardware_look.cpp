#include "agent/probes/hardware/hardware_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "agent/probes/hardware/arrays/arrays.h"
#include "agent/probes/hardware/health/disk_health.h"
#include "agent/probes/hardware/machine_files.h"
#include "agent/probes/hardware/machine_table.h"
#include "agent/probes/hardware/parts/disks.h"
#include "agent/probes/hardware/parts/kernel_parts.h"
#include "agent/probes/hardware/parts/machine_parts.h"
#include "agent/probes/hardware/parts/memory_errors.h"
#include "agent/probes/hardware/parts/network_adapters.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/virtualization.h"
#include "agent/probes/virtualization_traces.h"

namespace muster::hardware {
namespace {

class Look {
 public:
  Look(const std::string& root, const probe::HostAnswers& answers)
      : answers_(answers), files_(root, unreadable_) {}

  v1::HardwareFacts facts() {
    const std::optional<smbios::Smbios> table = read_machine_table(files_);
    add_machine(table);
    add_processors(table);
    add_memory(table);
    add_disks();
    add_network_adapters();
    if (table) add_power_supplies(*table);
    add_arrays();
    add_memory_errors();
    facts_.mutable_unreadable()->Assign(unreadable_.begin(), unreadable_.end());
    return std::move(facts_);
  }

 private:
  void add_machine(const std::optional<smbios::Smbios>& table) {
    v1::MachineIdentity machine = table ? machine_identity(*table) : kernel_identity(files_);
    if (machine.ByteSizeLong() != 0) *facts_.mutable_machine() = std::move(machine);
  }

  void add_processors(const std::optional<smbios::Smbios>& table) {
    std::vector<v1::Processor> processors;
    if (table) processors = processors_of(*table);
    if (processors.empty()) processors = kernel_processors(files_);
    // What the processors say themselves: some machines write it their own way, and hypervisors
    // what they like.
    const std::string model = model_of_all(files_);
    if (!model.empty()) {
      for (v1::Processor& processor : processors)
        processor.set_model(model);
    }
    std::stable_sort(processors.begin(), processors.end(), [](const auto& one, const auto& other) {
      return std::make_tuple(one.socket().size(), std::string_view(one.socket())) <
             std::make_tuple(other.socket().size(), std::string_view(other.socket()));
    });
    files_.keep(processors, kMostProcessors, "/sys", "processors");
    facts_.mutable_processors()->Assign(processors.begin(), processors.end());
  }

  void add_memory(const std::optional<smbios::Smbios>& table) {
    std::vector<v1::MemoryModule> modules;
    v1::Memory& memory = *facts_.mutable_memory();
    if (table) memory = memory_of(*table, modules);
    if (memory.total_bytes() == 0) memory.set_total_bytes(kernel_memory(files_));
    files_.keep(modules, kMostModules, "/sys", "modules of memory");
    memory.mutable_modules()->Assign(modules.begin(), modules.end());
  }

  void add_disks() {
    std::vector<FoundDisk> disks = look_at_disks(files_);
    files_.keep(disks, kMostDisks, "/sys/block", "disks");
    add_health(answers_, disks, files_);
    for (FoundDisk& found : disks)
      *facts_.add_disks() = std::move(found.disk);
  }

  void add_network_adapters() {
    std::vector<v1::NetworkAdapter> adapters = look_at_network_adapters(files_);
    files_.keep(adapters, kMostAdapters, "/sys/class/net", "network adapters");
    facts_.mutable_network_adapters()->Assign(adapters.begin(), adapters.end());
  }

  void add_power_supplies(const smbios::Smbios& table) {
    std::vector<v1::PowerSupply> supplies = power_supplies_of(table);
    files_.keep(supplies, kMostPowerSupplies, "/sys", "power supplies");
    facts_.mutable_power_supplies()->Assign(supplies.begin(), supplies.end());
  }

  void add_arrays() {
    Arrays arrays = look_at_md(files_);
    for (Arrays found : {look_at_zfs(files_), look_at_mappings(answers_, files_),
                         look_at_bonds(files_), look_at_btrfs(files_)}) {
      std::move(found.begin(), found.end(), std::back_inserter(arrays));
    }
    std::stable_sort(arrays.begin(), arrays.end(), [](const auto& one, const auto& other) {
      return std::make_tuple(one.kind(), std::string_view(one.name())) <
             std::make_tuple(other.kind(), std::string_view(other.name()));
    });
    files_.keep(arrays, kMostArrays, "/sys/block", "arrays");
    facts_.mutable_arrays()->Assign(arrays.begin(), arrays.end());
  }

  void add_memory_errors() {
    std::vector<v1::MemoryErrors> controllers = look_at_memory_errors(files_);
    files_.keep(controllers, kMostControllers, "/sys/devices/system/edac/mc",
                "controllers of memory");
    facts_.mutable_memory_errors()->Assign(controllers.begin(), controllers.end());
  }

  const probe::HostAnswers& answers_;
  v1::HardwareFacts facts_;
  std::vector<v1::UnreadableSource> unreadable_;
  MachineFiles files_;
};

}  // namespace

v1::Section look_at_hardware(const std::string& root, const RunningSystem& running,
                             const probe::HostAnswers& answers) {
  std::vector<v1::UnreadableSource> ignored;
  const MachineFiles files(root, ignored);
  // Of an image there is the directory, and nothing in it.
  if (!files.exists("/sys/class") && !files.exists("/sys/devices") &&
      !files.exists("/sys/firmware")) {
    if (!root.empty()) return probe::not_applicable("an image at rest has no hardware");
    return probe::failed("/sys is not mounted: it is where the kernel tells of hardware");
  }
  const VirtualizationTraces traces = read_virtualization_traces(root, running);
  if (detect_virtualization(traces).kind == v1::VIRTUALIZATION_CONTAINER)
    return probe::not_applicable("a container's hardware is its host's, which is asked itself");
  return probe::observed(Look(root, answers).facts());
}

}  // namespace muster::hardware
