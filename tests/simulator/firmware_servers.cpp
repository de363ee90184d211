#include "tests/simulator/firmware_servers.h"

#include <array>
#include <string>
#include <string_view>

#include "common/digest.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::simulator {
namespace {

using std::chrono::days;

constexpr size_t kOneOf = 4;

struct Model {
  std::string_view vendor;
  std::string_view name;
  std::string_view bios;
  std::string_view old_bios;
  std::string_view bmc;
};

constexpr std::array kModels = {
    Model{"Dell Inc.", "PowerEdge R640", "2.21.2", "2.19.1", "7.00"},
    Model{"HPE", "ProLiant DL380 Gen10", "U30", "U30", "3.08"},
    Model{"Supermicro", "SYS-1029P-WTRT", "4.1", "3.3", "1.74"},
};

v1::FirmwareComponent& add(v1::FirmwareFacts& facts, v1::FirmwareKind kind, std::string_view name,
                           std::string_view version) {
  v1::FirmwareComponent& component = *facts.add_components();
  component.set_kind(kind);
  component.set_name(std::string(name));
  component.set_version(std::string(version));
  component.set_source("simulated");
  return component;
}

void add_authority(v1::FirmwareFacts& facts, std::string_view subject, TimePoint not_after) {
  v1::SecureBootAuthority& authority = *facts.mutable_secure_boot()->add_authorities();
  authority.set_list("db");
  authority.set_subject(std::string(subject));
  authority.set_fingerprint(to_hex(sha256(subject)));
  *authority.mutable_not_after() = to_proto(not_after);
}

}  // namespace

v1::FirmwareFacts firmware_facts(size_t host, TimePoint started) {
  v1::FirmwareFacts facts;
  const Model& model = kModels.at(host % kModels.size());
  const bool story = host % kOneOf == 0;
  for (v1::FirmwareComponent* component :
       {&add(facts, v1::FIRMWARE_KIND_SYSTEM, "", story ? model.old_bios : model.bios),
        &add(facts, v1::FIRMWARE_KIND_MANAGEMENT_CONTROLLER, "ipmi0", model.bmc)}) {
    component->set_vendor(std::string(model.vendor));
    component->set_model(std::string(model.name));
  }
  for (const std::string_view processors : {"processors 0-19", "processors 20-39"}) {
    const bool is_old = story && processors.ends_with("39");
    v1::FirmwareComponent& microcode =
        add(facts, v1::FIRMWARE_KIND_MICROCODE, processors, is_old ? "0x5003303" : "0x5003604");
    microcode.set_vendor("GenuineIntel");
    microcode.set_model("06-55-07");
  }
  v1::FirmwareComponent& drive = add(facts, v1::FIRMWARE_KIND_NVME, "nvme0", "GDC5502Q");
  drive.set_model("SAMSUNG MZQL21T9HCJR-00A07");
  drive.set_tells_next(true);
  if (story) drive.set_next_version("GDC5602Q");
  v1::FirmwareComponent& adapter =
      add(facts, v1::FIRMWARE_KIND_NETWORK, "0000:3b:00.0", story ? "" : "16.35.2000");
  adapter.set_vendor("NVIDIA");
  adapter.set_model("MT4119 MT_0000000012");
  add(facts, v1::FIRMWARE_KIND_REVOCATION_LIST, "dbx", story ? "371" : "430");
  if (story) {
    add(facts, v1::FIRMWARE_KIND_OTHER, "6b9a4c8c-3f1c-4b1e-9b3e-2f1d0a0c7e11", "65586")
        .set_failed_update("to version 65590: authentication failed");
  }

  for (const std::string_view name : {"meltdown", "spectre_v1", "spectre_v2"}) {
    v1::ProcessorVulnerability& vulnerability = *facts.add_vulnerabilities();
    vulnerability.set_name(std::string(name));
    const bool is_open = story && name == "spectre_v2";
    vulnerability.set_state(is_open ? v1::VULNERABILITY_STATE_VULNERABLE
                                    : v1::VULNERABILITY_STATE_MITIGATED);
    vulnerability.set_detail(is_open ? "Vulnerable" : "Mitigation: simulated");
  }
  v1::SecureBoot& secure_boot = *facts.mutable_secure_boot();
  secure_boot.set_state(story ? v1::SECURE_BOOT_STATE_OFF : v1::SECURE_BOOT_STATE_ON);
  secure_boot.set_revoked_count(story ? 371 : 430);
  secure_boot.set_sbat_level("2023012900");
  add_authority(facts, "CN=Microsoft Corporation UEFI CA 2011", started - days(149));
  if (!story) add_authority(facts, "CN=Microsoft UEFI CA 2023", started + days(4000));
  return facts;
}

}  // namespace muster::simulator
