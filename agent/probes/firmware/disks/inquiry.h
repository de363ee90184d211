// What a disk says it is: the standard data of INQUIRY and its pages of vital product data (SPC-4).
// Linux keeps the same bytes in /sys/block/*/device: inquiry, vpd_pg80, vpd_pg89. Pure; any thread.
//
// Texts are printable and without blanks around them; empty where the disk tells none.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/probes/firmware/disks/ata_identity.h"

namespace muster::firmware {

struct Inquiry {
  // 0: a disk; 14h: one with zones.
  uint8_t device_type = 0;
  // Whether there is something behind the address that was asked.
  bool connected = false;
  bool removable = false;
  // "SEAGATE", "ST1200MM0009", "CN05". Of a SATA disk behind a translator the vendor is "ATA" and
  // the revision four of its eight letters.
  std::string vendor;
  std::string product;
  std::string revision;
};

// InvalidArgument where it is shorter than the 36 bytes that there must be.
absl::StatusOr<Inquiry> parse_inquiry(std::string_view bytes);

// Of page 80h, Unit Serial Number. InvalidArgument for another page and for one that is cut off.
absl::StatusOr<std::string> parse_unit_serial(std::string_view page);

// Page 89h, ATA Information (SAT-4): what translates, and what the disk behind it is.
struct AtaInformation {
  // "LINUX", "libata", "3.00"; a RAID adapter says its own.
  std::string translator_vendor;
  std::string translator_product;
  std::string translator_revision;
  AtaIdentity disk;
};

// InvalidArgument for another page, for one that is cut off, and where it has no identity.
absl::StatusOr<AtaInformation> parse_ata_information(std::string_view page);

}  // namespace muster::firmware
