#include "common/exposition/fwupd_metrics.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/exposition/host_families.h"
#include "common/exposition/section_facts.h"

namespace muster::exposition {
namespace {

constexpr std::array<std::string_view, 5> kUrgencies = {"unknown", "low", "medium", "high",
                                                        "critical"};

// Devices by the most urgent of what is newer for them.
void add_upgrades(SampleWriter& writer, const v1::FwupdFacts& facts) {
  std::array<uint32_t, kUrgencies.size()> counts{};
  for (const v1::FwupdDevice& device : facts.devices()) {
    size_t most = 0;
    for (const v1::FirmwareRelease& release : device.upgrades()) {
      const auto urgency = static_cast<size_t>(release.urgency());
      if (urgency < counts.size()) most = std::max(most, urgency);
    }
    if (!device.upgrades().empty()) ++counts.at(most);
  }
  for (size_t i = 0; i < counts.size(); ++i)
    writer.add(kFirmwareUpgrades, {{"urgency", kUrgencies.at(i)}}, counts.at(i));
}

// Of "HSI:1! (v2.0.20)" the digit; absent where there is no ID.
void add_security_level(SampleWriter& writer, std::string_view id) {
  constexpr std::string_view kPrefix = "HSI:";
  if (!id.starts_with(kPrefix) || id.size() == kPrefix.size()) return;
  const char level = id[kPrefix.size()];
  if (level >= '0' && level <= '9') writer.add(kHostSecurityLevel, {}, level - '0');
}

}  // namespace

void add_fwupd(SampleWriter& writer, const v1::FwupdFacts& facts) {
  add_upgrades(writer, facts);
  const int shown = std::min(facts.remotes_size(), kMostRemoteSeries);
  for (int i = 0; i < shown; ++i) {
    const v1::FirmwareRemote& remote = facts.remotes(i);
    if (!remote.has_modified_at()) continue;
    writer.add(kFirmwareMetadataTime, {{"remote", remote.id()}},
               unix_seconds(remote.modified_at()));
  }
  writer.note_cut(static_cast<uint64_t>(facts.remotes_size() - shown));
  add_security_level(writer, facts.host_security_id());
}

}  // namespace muster::exposition
