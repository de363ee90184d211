#include "agent/probes/firmware/firmware_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "agent/probes/firmware/adapters/adapters.h"
#include "agent/probes/firmware/answered/answered.h"
#include "agent/probes/firmware/efi/boot_trust.h"
#include "agent/probes/firmware/efi/resource_table.h"
#include "agent/probes/firmware/machine_firmware.h"
#include "agent/probes/firmware/processors/microcode_groups.h"
#include "agent/probes/firmware/processors/vulnerabilities.h"
#include "agent/probes/firmware/smbios/entry_point.h"
#include "agent/probes/firmware/smbios/smbios.h"
#include "agent/probes/firmware/system_files.h"
#include "agent/probes/host/hardware_identity.h"
#include "agent/probes/probe_program.h"

namespace muster::firmware {
namespace {

constexpr std::string_view kEntryPoint = "/sys/firmware/dmi/tables/smbios_entry_point";
constexpr std::string_view kTable = "/sys/firmware/dmi/tables/DMI";
constexpr std::string_view kIdentities = "/sys/class/dmi/id";
constexpr std::string_view kWeaknesses = "/sys/devices/system/cpu/vulnerabilities";
constexpr std::string_view kProcessors = "/proc/cpuinfo";
// Real ones are below 64 KiB, since the first kind of entry point has no room for more.
constexpr size_t kLargestTable = 4 << 20;
// 1.5 KiB for each processor.
constexpr size_t kLargestCpuinfo = 16 << 20;

class Look {
 public:
  Look(const std::string& root, const probe::HostAnswers& answers)
      : root_(root), answers_(answers), files_(root, unreadable_) {}

  v1::FirmwareFacts facts() {
    const std::optional<smbios::Smbios> table = read_table();
    if (table) {
      for (v1::FirmwareComponent& component : machine_firmware(*table))
        components_.push_back(std::move(component));
    } else {
      add_identities();
    }
    add_microcode();
    add_weaknesses();
    for (const auto look : {&look_at_disks, &look_at_storage_controllers, &look_at_graphics})
      take(look(root_));
    Found drives = look_at_nvme_drives(root_);
    add_answers_of_nvme_drives(answers_, drives);
    take(std::move(drives));
    Found adapters = look_at_network_adapters(root_);
    add_answers_of_network_adapters(answers_, root_, adapters);
    take(std::move(adapters));
    add_tpms(table);
    add_management_controllers(table);
    take(look_at_resource_table(root_));
    BootTrust trust = look_at_boot_trust(root_);
    *facts_.mutable_secure_boot() = std::move(trust.secure_boot);
    take(std::move(trust.found));
    return finish();
  }

 private:
  void take(Found found) {
    std::move(found.components.begin(), found.components.end(), std::back_inserter(components_));
    std::move(found.unreadable.begin(), found.unreadable.end(), std::back_inserter(unreadable_));
  }

  // Absent where the machine has none, or it could not be read, which is noted.
  std::optional<smbios::Smbios> read_table() {
    const std::string entry = files_.content(std::string(kEntryPoint));
    const std::string bytes = files_.content(std::string(kTable), kLargestTable);
    if (entry.empty() || bytes.empty()) return std::nullopt;
    const absl::StatusOr<smbios::EntryPoint> point = smbios::parse_entry_point(entry);
    if (!point.ok()) {
      files_.note(std::string(kEntryPoint),
                  {point.status().message().data(), point.status().message().size()});
      return std::nullopt;
    }
    smbios::Smbios table = smbios::parse_table(bytes, point->version, point->structure_count);
    if (!table.cut_short.empty()) files_.note(std::string(kTable), table.cut_short);
    return table;
  }

  // What the kernel has of the table for everybody.
  void add_identities() {
    const auto identity = [this](std::string_view name) {
      return clean_identity(files_.line(fmt::format("{}/{}", kIdentities, name)));
    };
    if (!files_.exists(std::string(kIdentities) + "/bios_version")) return;
    v1::FirmwareComponent& component = components_.emplace_back();
    component.set_kind(v1::FIRMWARE_KIND_SYSTEM);
    component.set_vendor(identity("sys_vendor"));
    component.set_model(identity("product_name"));
    component.set_version(identity("bios_version"));
    component.set_version_date(smbios::iso_day(identity("bios_date")));
    component.set_source("sysfs");
  }

  void add_microcode() {
    for (const MicrocodeGroup& group :
         parse_microcode_groups(files_.content(std::string(kProcessors), kLargestCpuinfo))) {
      v1::FirmwareComponent& component = components_.emplace_back();
      component.set_kind(v1::FIRMWARE_KIND_MICROCODE);
      component.set_name("processors " + group.processors);
      component.set_vendor(group.vendor);
      component.set_model(group.kind);
      component.set_version(fmt::format("{:#x}", group.revision));
      component.set_source("procfs");
    }
  }

  void add_weaknesses() {
    for (const std::string& name : files_.list(std::string(kWeaknesses))) {
      *facts_.add_vulnerabilities() =
          parse_vulnerability(name, files_.content(fmt::format("{}/{}", kWeaknesses, name)));
    }
  }

  // SMBIOS has the version of the one on the board, which one of version 2.0 tells in no file.
  void add_tpms(const std::optional<smbios::Smbios>& table) {
    Found found = look_at_tpms(root_);
    if (table && table->tpm && found.components.size() == 1) {
      v1::FirmwareComponent& module = found.components.front();
      if (module.version().empty()) {
        module.set_version(clean_identity(table->tpm->firmware_version));
        module.set_vendor(clean_identity(table->tpm->vendor));
        module.set_source("SMBIOS");
      }
    }
    take(std::move(found));
  }

  // One of which nothing but its being there is known is in the list without a version.
  void add_management_controllers(const std::optional<smbios::Smbios>& table) {
    Found found = look_at_management_controllers(root_);
    if (found.components.empty() && table && table->ipmi) {
      v1::FirmwareComponent& component = found.components.emplace_back();
      component.set_kind(v1::FIRMWARE_KIND_MANAGEMENT_CONTROLLER);
      component.set_source("SMBIOS");
    }
    for (v1::FirmwareComponent& component : found.components) {
      if (!table || !table->system) continue;
      component.set_vendor(clean_identity(table->system->manufacturer));
      component.set_model(clean_identity(table->system->product));
    }
    std::vector<v1::EventLog> event_logs;
    add_answers_of_management_controllers(answers_, found, event_logs);
    facts_.mutable_event_logs()->Assign(event_logs.begin(), event_logs.end());
    take(std::move(found));
  }

  v1::FirmwareFacts finish() {
    std::stable_sort(components_.begin(), components_.end(),
                     [](const auto& one, const auto& other) {
                       return std::make_tuple(one.kind(), std::string_view(one.name())) <
                              std::make_tuple(other.kind(), std::string_view(other.name()));
                     });
    if (components_.size() > kMostComponents) {
      files_.note("/sys", fmt::format("it tells of {} pieces of firmware, {} of them are left out",
                                      components_.size(), components_.size() - kMostComponents));
      components_.resize(kMostComponents);
    }
    facts_.mutable_components()->Assign(components_.begin(), components_.end());
    facts_.mutable_unreadable()->Assign(unreadable_.begin(), unreadable_.end());
    return std::move(facts_);
  }

  const std::string& root_;
  const probe::HostAnswers& answers_;
  v1::FirmwareFacts facts_;
  std::vector<v1::FirmwareComponent> components_;
  std::vector<v1::UnreadableSource> unreadable_;
  SystemFiles files_;
};

}  // namespace

v1::Section look_at_firmware(const std::string& root, const probe::HostAnswers& answers) {
  std::vector<v1::UnreadableSource> ignored;
  const SystemFiles files(root, ignored);
  // Of an image there is the directory, and nothing in it.
  if (!files.exists("/sys/class") && !files.exists("/sys/devices") &&
      !files.exists("/sys/firmware")) {
    if (!root.empty()) return probe::not_applicable("an image at rest has no firmware");
    return probe::failed("/sys is not mounted: it is where the kernel tells of firmware");
  }
  return probe::observed(Look(root, answers).facts());
}

}  // namespace muster::firmware
