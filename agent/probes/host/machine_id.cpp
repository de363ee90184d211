#include "agent/probes/host/machine_id.h"

#include <array>
#include <charconv>

#include "common/digest.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kIdSize = 16;

// Random, made once with `systemd-id128 new`: 36220731761a48578c9477d479654d97.
constexpr std::array<char, kIdSize> kApplicationId = {
    '\x36', '\x22', '\x07', '\x31', '\x76', '\x1a', '\x48', '\x57',
    '\x8c', '\x94', '\x77', '\xd4', '\x79', '\x65', '\x4d', '\x97',
};

}  // namespace

absl::StatusOr<std::string> parse_machine_id(std::string_view text) {
  const std::string_view id = trim(text);
  if (id.empty() || id == "uninitialized") return absl::NotFoundError("no machine id is set yet");
  const absl::Status broken = absl::InvalidArgumentError(
      "it is not 32 hexadecimal digits: make a new one with systemd-machine-id-setup");
  if (id.size() != 2 * kIdSize) return broken;
  std::string bytes;
  for (size_t i = 0; i < id.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(id.data() + i, id.data() + i + 2, value, 16);
    if (error != std::errc() || end != id.data() + i + 2) return broken;
    bytes += static_cast<char>(value);
  }
  // systemd refuses the id of all zeros, too.
  if (bytes == std::string(kIdSize, '\0')) return broken;
  return bytes;
}

std::string_view muster_application_id() {
  return {kApplicationId.data(), kApplicationId.size()};
}

std::string application_specific_id(std::string_view machine_id, std::string_view application_id) {
  std::string id = hmac_sha256(machine_id, application_id).substr(0, kIdSize);
  id[6] = static_cast<char>((static_cast<unsigned char>(id[6]) & 0x0F) | 0x40);
  id[8] = static_cast<char>((static_cast<unsigned char>(id[8]) & 0x3F) | 0x80);
  return to_hex(id);
}

}  // namespace muster
