#include "agent/probes/firmware/machine_firmware.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "agent/probes/host/hardware_identity.h"

namespace muster::firmware {
namespace {

v1::FirmwareComponent& add(std::vector<v1::FirmwareComponent>& components, v1::FirmwareKind kind) {
  v1::FirmwareComponent& component = components.emplace_back();
  component.set_kind(kind);
  component.set_source("SMBIOS");
  return component;
}

void add_system(const smbios::Smbios& table, std::vector<v1::FirmwareComponent>& components) {
  if (!table.bios) return;
  v1::FirmwareComponent& component = add(components, v1::FIRMWARE_KIND_SYSTEM);
  // A baseline is of a machine: who made the firmware for its maker does not tell which it needs.
  if (table.system) {
    component.set_vendor(clean_identity(table.system->manufacturer));
    component.set_model(clean_identity(table.system->product));
  }
  if (component.model().empty() && !table.boards.empty()) {
    component.set_vendor(clean_identity(table.boards.front().manufacturer));
    component.set_model(clean_identity(table.boards.front().product));
  }
  if (component.vendor().empty()) component.set_vendor(clean_identity(table.bios->vendor));
  component.set_version(clean_identity(table.bios->version));
  component.set_version_date(table.bios->release_day);
}

void add_embedded_controller(const smbios::Smbios& table,
                             std::vector<v1::FirmwareComponent>& components) {
  if (!table.bios) return;
  const smbios::Release& release = table.bios->embedded_controller;
  if (!release.major || !release.minor) return;
  v1::FirmwareComponent& component = add(components, v1::FIRMWARE_KIND_EMBEDDED_CONTROLLER);
  if (table.system) {
    component.set_vendor(clean_identity(table.system->manufacturer));
    component.set_model(clean_identity(table.system->product));
  }
  component.set_version(fmt::format("{}.{}", *release.major, *release.minor));
}

// What its list says of itself, which may be the same as above under other names.
void add_listed(const smbios::Smbios& table, std::vector<v1::FirmwareComponent>& components) {
  for (const smbios::FirmwareEntry& entry : table.firmware) {
    if (entry.state == "Absent") continue;
    v1::FirmwareComponent& component = add(components, v1::FIRMWARE_KIND_OTHER);
    component.set_name(clean_identity(entry.name));
    component.set_vendor(clean_identity(entry.manufacturer));
    component.set_model(component.name());
    component.set_version(clean_identity(entry.version));
    component.set_lowest_version(clean_identity(entry.lowest_version));
  }
}

}  // namespace

std::vector<v1::FirmwareComponent> machine_firmware(const smbios::Smbios& table) {
  std::vector<v1::FirmwareComponent> components;
  add_system(table, components);
  add_embedded_controller(table, components);
  add_listed(table, components);
  return components;
}

}  // namespace muster::firmware
