#include "agent/probes/firmware_fwupd/fwupd_replies.h"

#include <array>
#include <cctype>
#include <string_view>

namespace muster::fwupd {
namespace {

// FwupdDeviceFlags.
constexpr uint64_t kUpdatable = uint64_t{1} << 1;
constexpr uint64_t kSupported = uint64_t{1} << 5;
constexpr uint64_t kNeedsReboot = uint64_t{1} << 8;
constexpr uint64_t kNeedsShutdown = uint64_t{1} << 17;

// FwupdUpdateState.
constexpr uint64_t kFailed = 3;
constexpr uint64_t kWaitsForReboot = 4;
constexpr uint64_t kFailedTransiently = 5;

// FwupdSecurityAttrFlags.
constexpr uint64_t kSuccess = uint64_t{1} << 0;
constexpr uint64_t kObsoleted = uint64_t{1} << 1;
constexpr uint64_t kMissingData = uint64_t{1} << 2;

// FwupdSecurityAttrResult, by number.
constexpr std::array<std::string_view, 15> kResults = {
    "",           "enabled",   "not-enabled",   "valid",   "not-valid",   "locked",
    "not-locked", "encrypted", "not-encrypted", "tainted", "not-tainted", "found",
    "not-found",  "supported", "not-supported"};

// FwupdRemoteKind.
constexpr uint64_t kFetched = 1;

// Of a time that is not known.
constexpr uint64_t kNever = UINT64_MAX;
// The last second of the year 9999, after which a Timestamp has none.
constexpr uint64_t kLastSecond = 253402300799;

bool is_time(uint64_t seconds) {
  return seconds != 0 && seconds != kNever && seconds <= kLastSecond;
}

std::string result_word(uint64_t result) {
  return result < kResults.size() ? std::string(kResults.at(result)) : std::string();
}

}  // namespace

v1::FwupdDevice device_of(const Dictionary& device) {
  v1::FwupdDevice facts;
  for (std::string& guid : device.texts("Guid"))
    facts.add_guids(std::move(guid));
  facts.set_name(device.text("Name"));
  facts.set_vendor(device.text("Vendor"));
  facts.set_version(device.text("Version"));
  facts.set_bootloader_version(device.text("VersionBootloader"));
  const uint64_t flags = device.number("Flags");
  facts.set_updatable((flags & kUpdatable) != 0);
  facts.set_needs_reboot((flags & (kNeedsReboot | kNeedsShutdown)) != 0 ||
                         device.number("UpdateState") == kWaitsForReboot);
  facts.set_failed_update(failed_update_of(device));
  return facts;
}

bool is_in_metadata(const Dictionary& device) {
  return (device.number("Flags") & kSupported) != 0;
}

std::string failed_update_of(const Dictionary& device) {
  const uint64_t state = device.number("UpdateState");
  if (state != kFailed && state != kFailedTransiently) return {};
  std::string error = device.text("UpdateError");
  return error.empty() ? "fwupd does not say why" : error;
}

v1::FirmwareRelease release_of(const Dictionary& release) {
  v1::FirmwareRelease facts;
  facts.set_version(release.text("Version"));
  const uint64_t urgency = release.number("Urgency");
  if (urgency <= v1::FIRMWARE_URGENCY_CRITICAL) {
    facts.set_urgency(static_cast<v1::FirmwareUrgency>(urgency));
  }
  if (const uint64_t created = release.number("Created"); is_time(created)) {
    facts.mutable_released_at()->set_seconds(static_cast<int64_t>(created));
  }
  facts.set_remote(release.text("RemoteId"));
  return facts;
}

v1::HostSecurityAttribute attribute_of(const Dictionary& attribute) {
  v1::HostSecurityAttribute facts;
  facts.set_id(attribute.text("AppstreamId"));
  facts.set_level(static_cast<uint32_t>(attribute.number("HsiLevel")));
  const uint64_t flags = attribute.number("Flags");
  facts.set_success((flags & kSuccess) != 0);
  facts.set_obsoleted((flags & kObsoleted) != 0);
  facts.set_missing_data((flags & kMissingData) != 0);
  facts.set_result(result_word(attribute.number("HsiResult")));
  facts.set_expected_result(result_word(attribute.number("HsiResultSuccess")));
  return facts;
}

std::optional<v1::FirmwareRemote> remote_of(const Dictionary& remote) {
  if (!remote.flag("Enabled")) return std::nullopt;
  v1::FirmwareRemote facts;
  facts.set_id(remote.text("RemoteId"));
  facts.set_fetched(remote.number("Type") == kFetched);
  if (const uint64_t modified = remote.number("ModificationTime"); is_time(modified)) {
    facts.mutable_modified_at()->set_seconds(static_cast<int64_t>(modified));
  }
  return facts;
}

std::string host_security_id_of(const Dictionary& properties) {
  constexpr std::string_view kPrefix = "HSI:";
  std::string id = properties.text("HostSecurityId");
  const bool is_one = id.starts_with(kPrefix) && id.size() > kPrefix.size() &&
                      std::isdigit(static_cast<unsigned char>(id[kPrefix.size()])) != 0;
  return is_one ? id : std::string();
}

}  // namespace muster::fwupd
