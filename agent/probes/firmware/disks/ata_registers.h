// What an ATA disk has in its registers after a command that was passed through SCSI (SAT-4, ATA
// PASS-THROUGH): in sense data, of descriptors or fixed. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string_view>

namespace muster::firmware {

struct AtaRegisters {
  uint8_t error = 0;
  uint8_t status = 0;
  uint8_t lba_low = 0;
  uint8_t lba_middle = 0;
  uint8_t lba_high = 0;
};

// InvalidArgument where the sense data has none, or is cut off before their end.
absl::StatusOr<AtaRegisters> parse_ata_registers(std::string_view sense);

// Of SMART RETURN STATUS (ACS-3 7.48, subcommand DAh): whether the disk predicts that it fails.
enum class SmartStatus { kNoFailurePredicted, kFailurePredicted };

// FailedPrecondition where the disk refused the command, as it does while SMART is off.
// InvalidArgument where the registers say neither: not every translator brings them.
absl::StatusOr<SmartStatus> parse_smart_status(std::string_view sense);

}  // namespace muster::firmware
