// What an ATA disk says it is: the 512 bytes of IDENTIFY DEVICE (ACS-3 7.12), or of IDENTIFY PACKET
// DEVICE where these agree. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster::firmware {

struct AtaIdentity {
  // "SAMSUNG MZ7LH960HAJR-00005", "S45NNA0M123456", "HXT7404Q". Printable and without blanks around
  // them; empty where the disk tells none.
  std::string model;
  std::string serial;
  std::string firmware;
  // Whether it watches itself, by the names of the specification; unset where it does not tell.
  std::optional<bool> smart_supported;
  std::optional<bool> smart_enabled;
  // Of its platters in a minute, 0 where nothing turns; unset where it does not tell.
  std::optional<uint16_t> rotation_rate;
};

// InvalidArgument where it is shorter, and where it has a checksum that is wrong: a version of
// damaged bytes is no version.
absl::StatusOr<AtaIdentity> parse_ata_identity(std::string_view bytes);

}  // namespace muster::firmware
