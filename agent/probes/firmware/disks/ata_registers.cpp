#include "agent/probes/firmware/disks/ata_registers.h"

#include <fmt/format.h>

#include <string>

#include "agent/probes/firmware/disks/disk_bytes.h"
#include "agent/probes/firmware/disks/sense.h"

namespace muster::firmware {
namespace {

absl::Status broken(const char* why) {
  return absl::InvalidArgumentError(why);
}

// SAT-4, ATA Status Return sense data descriptor: 14 bytes, of which those at 4, 6, 8 and 10 are of
// commands with 48 bits.
AtaRegisters of_descriptor(std::string_view bytes) {
  return {.error = byte_at(bytes, 3),
          .status = byte_at(bytes, 13),
          .lba_low = byte_at(bytes, 7),
          .lba_middle = byte_at(bytes, 9),
          .lba_high = byte_at(bytes, 11)};
}

// SAT-4, ATA PASS-THROUGH in fixed sense data: the INFORMATION field (3 to 6) and the
// COMMAND-SPECIFIC INFORMATION field (8 to 11).
AtaRegisters of_fixed(std::string_view bytes) {
  return {.error = byte_at(bytes, 3),
          .status = byte_at(bytes, 4),
          .lba_low = byte_at(bytes, 9),
          .lba_middle = byte_at(bytes, 10),
          .lba_high = byte_at(bytes, 11)};
}

}  // namespace

absl::StatusOr<AtaRegisters> parse_ata_registers(std::string_view bytes) {
  const absl::StatusOr<Sense> sense = parse_sense(bytes);
  if (!sense.ok()) return sense.status();
  if (sense->has_descriptors) {
    constexpr uint8_t kAtaStatusReturn = 0x09;
    constexpr size_t kSize = 14;
    const std::string_view descriptor = sense_descriptor(bytes, kAtaStatusReturn);
    if (descriptor.size() >= kSize) return of_descriptor(descriptor);
  } else if (sense->code == 0x00 && sense->qualifier == 0x1d) {
    // Its fields are those of the disk only where it says so; then it is 14 bytes at least.
    return of_fixed(bytes);
  }
  return broken("the sense data has no registers of an ATA disk");
}

absl::StatusOr<SmartStatus> parse_smart_status(std::string_view sense) {
  const absl::StatusOr<AtaRegisters> registers = parse_ata_registers(sense);
  if (!registers.ok()) return registers.status();
  constexpr uint8_t kDeviceFault = 0x20;
  constexpr uint8_t kError = 0x01;
  if ((registers->status & (kDeviceFault | kError)) != 0) {
    const std::string why =
        fmt::format("the disk did not tell its SMART status (status {:02x}, error {:02x})",
                    registers->status, registers->error);
    return absl::FailedPreconditionError({why.data(), why.size()});
  }
  if (registers->lba_middle == 0x4f && registers->lba_high == 0xc2) {
    return SmartStatus::kNoFailurePredicted;
  }
  if (registers->lba_middle == 0xf4 && registers->lba_high == 0x2c) {
    return SmartStatus::kFailurePredicted;
  }
  return broken("the registers of the ATA disk have no SMART status");
}

}  // namespace muster::firmware
