#include "agent/outbox/outbox_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "agent/sealed_bytes.h"

namespace muster::agent {
namespace {

constexpr std::string_view kVersionMagic = "muster outbox version 1\n";
constexpr std::string_view kCursorMagic = "muster outbox cursor 1\n";
constexpr size_t kNumberDigits = 20;
constexpr size_t kProbeNameLimit = 64;
constexpr std::string_view kSuffix = ".version";

}  // namespace

std::string seal_version(const StoredVersion& stored) {
  v1::SyncRequest content;
  content.set_epoch(stored.epoch);
  *content.add_versions() = stored.version;
  return seal(kVersionMagic, content.SerializeAsString());
}

absl::StatusOr<StoredVersion> unseal_version(std::string_view bytes) {
  const absl::StatusOr<std::string_view> sealed = unseal(kVersionMagic, bytes);
  if (!sealed.ok()) return sealed.status();
  v1::SyncRequest content;
  if (!content.ParseFromArray(sealed->data(), static_cast<int>(sealed->size())) ||
      content.versions_size() != 1 || !is_probe_name(content.versions(0).probe())) {
    return absl::DataLossError("its content is no version");
  }
  StoredVersion stored{content.epoch(), std::move(*content.mutable_versions(0))};
  return stored;
}

std::string seal_cursor(const v1::SyncResponse& cursor) {
  return seal(kCursorMagic, cursor.SerializeAsString());
}

absl::StatusOr<v1::SyncResponse> unseal_cursor(std::string_view bytes) {
  const absl::StatusOr<std::string_view> sealed = unseal(kCursorMagic, bytes);
  if (!sealed.ok()) return sealed.status();
  v1::SyncResponse cursor;
  if (!cursor.ParseFromArray(sealed->data(), static_cast<int>(sealed->size()))) {
    return absl::DataLossError("its content is no cursor");
  }
  return cursor;
}

std::string VersionFileName::text() const {
  return fmt::format("{:020}-{}{}", number, probe, kSuffix);
}

std::optional<VersionFileName> VersionFileName::parse(std::string_view text) {
  if (!text.ends_with(kSuffix) || text.size() < kNumberDigits + 1 + kSuffix.size()) {
    return std::nullopt;
  }
  VersionFileName name;
  const char* digits_end = text.data() + kNumberDigits;
  const auto [end, error] = std::from_chars(text.data(), digits_end, name.number);
  if (error != std::errc() || end != digits_end || *digits_end != '-') return std::nullopt;
  text.remove_suffix(kSuffix.size());
  name.probe = std::string(text.substr(kNumberDigits + 1));
  if (!is_probe_name(name.probe)) return std::nullopt;
  return name;
}

bool is_probe_name(std::string_view text) {
  return !text.empty() && text.size() <= kProbeNameLimit &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace muster::agent
