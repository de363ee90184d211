#include "tests/common/policy/random_firmware.h"

#include <array>
#include <string>

#include "common/timestamp.h"

namespace muster::testing {
namespace {

constexpr std::array kKinds = {v1::FIRMWARE_KIND_SYSTEM, v1::FIRMWARE_KIND_MANAGEMENT_CONTROLLER,
                               v1::FIRMWARE_KIND_NVME, v1::FIRMWARE_KIND_MICROCODE};

std::string random_version(RandomWorld& world) {
  return "1." + std::to_string(world.pick(0, 3));
}

}  // namespace

v1::FirmwareFacts random_firmware(RandomWorld& world) {
  v1::FirmwareFacts facts;
  for (const v1::FirmwareKind kind : kKinds) {
    if (world.chance(30)) continue;
    v1::FirmwareComponent& component = *facts.add_components();
    component.set_kind(kind);
    component.set_model(world.chance(80) ? "a" : "b");
    if (world.chance(85)) component.set_version(random_version(world));
    component.set_tells_next(world.chance(40));
    if (component.tells_next() && world.chance(30))
      component.set_next_version(random_version(world));
    if (world.chance(10)) component.set_failed_update("authentication failed");
  }
  for (const char* name : {"meltdown", "spectre_v2"}) {
    if (world.chance(40)) continue;
    v1::ProcessorVulnerability& vulnerability = *facts.add_vulnerabilities();
    vulnerability.set_name(name);
    vulnerability.set_state(static_cast<v1::VulnerabilityState>(world.pick(0, 3)));
  }
  facts.mutable_secure_boot()->set_state(static_cast<v1::SecureBootState>(world.pick(0, 4)));
  return facts;
}

v1::FwupdFacts random_fwupd(RandomWorld& world) {
  v1::FwupdFacts facts;
  for (const char* id : {"lvfs", "vendor-directory"}) {
    if (world.chance(20)) continue;
    v1::FirmwareRemote& remote = *facts.add_remotes();
    remote.set_id(id);
    remote.set_fetched(world.chance(70));
    if (world.chance(90)) {
      *remote.mutable_modified_at() = to_proto(kNow - days(35) + world.up_to(days(30)));
    }
  }
  for (const char* name : {"webcam", "dock"}) {
    v1::FwupdDevice& device = *facts.add_devices();
    device.set_name(name);
    device.set_version(random_version(world));
    device.set_upgrades_state(static_cast<v1::FirmwareUpgradesState>(world.pick(0, 3)));
    for (int64_t i = world.pick(0, 2); i > 0; --i) {
      v1::FirmwareRelease& release = *device.add_upgrades();
      release.set_version(random_version(world));
      release.set_urgency(static_cast<v1::FirmwareUrgency>(world.pick(0, 4)));
    }
  }
  return facts;
}

firmware::Baseline random_baselines(RandomWorld& world) {
  firmware::Baseline baseline;
  for (const v1::FirmwareKind kind : kKinds) {
    if (world.chance(40)) continue;
    firmware::BaselineEntry& entry = baseline.entries.emplace_back();
    entry.id = firmware::kind_name(kind);
    entry.match = {.kind = kind, .vendor = "", .models = {"a"}};
    entry.format = firmware::VersionFormat::kDotted;
    entry.minimum = random_version(world);
    if (world.chance(20)) entry.forbidden.push_back({.version = "1.3", .why = "fans stop"});
    if (world.chance(20)) {
      entry.required_from = std::chrono::floor<std::chrono::days>(kNow + world.up_to(days(20)));
    }
  }
  return baseline;
}

}  // namespace muster::testing
