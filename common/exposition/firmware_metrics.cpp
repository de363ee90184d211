#include "common/exposition/firmware_metrics.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/exposition/certificate_metrics.h"
#include "common/exposition/host_families.h"
#include "common/exposition/section_facts.h"
#include "common/firmware/baseline.h"

namespace muster::exposition {
namespace {

std::string_view state_name(v1::SecureBootState state) {
  switch (state) {
    case v1::SECURE_BOOT_STATE_ON:
      return "on";
    case v1::SECURE_BOOT_STATE_OFF:
      return "off";
    case v1::SECURE_BOOT_STATE_SETUP:
      return "setup";
    case v1::SECURE_BOOT_STATE_NO_UEFI:
      return "no_uefi";
    default:
      return "unknown";
  }
}

void add_vulnerabilities(SampleWriter& writer, const v1::FirmwareFacts& facts) {
  // A kernel that tells of none is not one whose processors have none.
  if (facts.vulnerabilities().empty()) return;
  std::array<uint32_t, 4> counts{};
  for (const v1::ProcessorVulnerability& each : facts.vulnerabilities()) {
    const auto state = static_cast<size_t>(each.state());
    ++counts.at(state < counts.size() ? state : 0);
  }
  constexpr std::array<std::string_view, 4> kNames = {"unknown", "not_affected", "mitigated",
                                                      "vulnerable"};
  for (size_t i = 0; i < counts.size(); ++i)
    writer.add(kProcessorVulnerabilities, {{"state", kNames.at(i)}}, counts.at(i));
}

}  // namespace

void add_firmware(SampleWriter& writer, const v1::FirmwareFacts& facts) {
  const int shown = std::min(facts.components_size(), kMostFirmwareSeries);
  for (int i = 0; i < shown; ++i) {
    const v1::FirmwareComponent& component = facts.components(i);
    writer.add(kFirmwareInfo,
               {{"kind", firmware::kind_name(component.kind())},
                {"component", component.name()},
                {"vendor", component.vendor()},
                {"model", component.model()},
                {"version", component.version()},
                {"next_version", component.next_version()}},
               1);
  }
  writer.note_cut(static_cast<uint64_t>(facts.components_size() - shown));
  writer.add(kFirmwareUpdatesFailed, {},
             static_cast<double>(std::count_if(
                 facts.components().begin(), facts.components().end(),
                 [](const v1::FirmwareComponent& each) { return !each.failed_update().empty(); })));
  add_vulnerabilities(writer, facts);
  writer.add(kSecureBoot, {{"state", state_name(facts.secure_boot().state())}}, 1);
  for (const v1::SecureBootAuthority& authority : facts.secure_boot().authorities()) {
    if (!authority.has_not_after()) continue;
    writer.add(
        kSecureBootAuthorityNotAfter,
        {{"list", authority.list()},
         {"subject", authority.subject()},
         {"fingerprint", std::string_view(authority.fingerprint()).substr(0, kFingerprintDigits)}},
        unix_seconds(authority.not_after()));
  }
  for (const v1::EventLog& log : facts.event_logs()) {
    if (log.has_percent_used()) {
      writer.add(kEventLogUsed, {{"controller", log.name()}}, log.percent_used() / 100.0);
    }
    writer.add(kEventLogLostEvents, {{"controller", log.name()}}, log.lost_events() ? 1 : 0);
  }
}

}  // namespace muster::exposition
