#include "agent/probes/firmware/efi/resource_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "agent/probes/firmware/system_files.h"

namespace muster::firmware {
namespace {

// Documentation/ABI/testing/sysfs-firmware-efi-esrt.
constexpr std::string_view kEntries = "/sys/firmware/efi/esrt/entries";

// By FwType.
constexpr std::array<std::string_view, 4> kTypes = {"", "system firmware", "device firmware",
                                                    "UEFI driver"};
// By LastAttemptStatus; what follows is the maker's own.
constexpr std::array<std::string_view, 9> kAttempts = {
    "",
    "unsuccessful",
    "insufficient resources",
    "incorrect version",
    "invalid format",
    "authentication failed",
    "no mains power",
    "battery too low",
    "something that it depends on is missing",
};

std::optional<uint32_t> number(std::string_view text) {
  uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

std::string attempt_text(uint32_t status, const std::string& version) {
  if (status == 0) return {};
  const std::string why = status < kAttempts.size() ? std::string(kAttempts.at(status))
                                                    : fmt::format("the maker's status {}", status);
  return version.empty() ? why : fmt::format("to version {}: {}", version, why);
}

}  // namespace

Found look_at_resource_table(const std::string& root) {
  Found found;
  SystemFiles files(root, found.unreadable);
  for (const std::string& entry : files.list(std::string(kEntries))) {
    const auto told = [&](std::string_view file) {
      return files.line(fmt::format("{}/{}/{}", kEntries, entry, file));
    };
    const std::string name = told("fw_class");
    if (name.empty()) continue;
    v1::FirmwareComponent& component = found.components.emplace_back();
    component.set_kind(v1::FIRMWARE_KIND_OTHER);
    component.set_name(name);
    const uint32_t type = number(told("fw_type")).value_or(0);
    component.set_model(type < kTypes.size() ? std::string(kTypes.at(type)) : std::string());
    component.set_version(told("fw_version"));
    const std::string lowest = told("lowest_supported_fw_version");
    if (lowest != "0") component.set_lowest_version(lowest);
    component.set_failed_update(attempt_text(number(told("last_attempt_status")).value_or(0),
                                             told("last_attempt_version")));
    component.set_source("ESRT");
  }
  std::sort(found.components.begin(), found.components.end(),
            [](const auto& one, const auto& other) { return one.name() < other.name(); });
  return found;
}

}  // namespace muster::firmware
