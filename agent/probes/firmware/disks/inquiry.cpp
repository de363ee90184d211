#include "agent/probes/firmware/disks/inquiry.h"

#include <utility>

#include "agent/probes/firmware/disks/disk_bytes.h"

namespace muster::firmware {
namespace {

absl::Status broken(const char* why) {
  return absl::InvalidArgumentError(why);
}

// SPC-4, pages of vital product data: a code, a length, and what it is of.
absl::StatusOr<std::string_view> page_content(std::string_view page, uint8_t code) {
  constexpr size_t kHeader = 4;
  if (page.size() < kHeader) return broken("a page of a disk's product data is cut off");
  if (byte_at(page, 1) != code) return broken("another page of a disk's product data");
  const size_t length = disk_number(page, 2);
  if (length > page.size() - kHeader) return broken("a page of a disk's product data is cut off");
  return page.substr(kHeader, length);
}

}  // namespace

// SPC-4, Standard INQUIRY data: device type in byte 0, removable in byte 1, how many bytes follow
// in byte 4, vendor at 8, product at 16, revision at 32.
absl::StatusOr<Inquiry> parse_inquiry(std::string_view bytes) {
  constexpr size_t kLeast = 36;
  constexpr size_t kCounted = 5;
  if (bytes.size() < kLeast || kCounted + byte_at(bytes, 4) < kLeast) {
    return broken("what a disk says it is is cut off");
  }
  return Inquiry{.device_type = static_cast<uint8_t>(byte_at(bytes, 0) & 0x1f),
                 .connected = byte_at(bytes, 0) >> 5 == 0,
                 .removable = (byte_at(bytes, 1) & 0x80) != 0,
                 .vendor = disk_text(bytes.substr(8, 8)),
                 .product = disk_text(bytes.substr(16, 16)),
                 .revision = disk_text(bytes.substr(32, 4))};
}

absl::StatusOr<std::string> parse_unit_serial(std::string_view page) {
  const absl::StatusOr<std::string_view> content = page_content(page, 0x80);
  if (!content.ok()) return content.status();
  return disk_text(*content);
}

// SAT-4, ATA Information VPD page, offsets after its header of four bytes: the translator's vendor
// at 4, product at 12, revision at 28; the command that the identity is of at 52, and that at 56.
absl::StatusOr<AtaInformation> parse_ata_information(std::string_view page) {
  constexpr size_t kCommand = 52;
  constexpr size_t kIdentity = 56;
  constexpr uint8_t kIdentifyDevice = 0xec;
  constexpr uint8_t kIdentifyPacketDevice = 0xa1;
  const absl::StatusOr<std::string_view> content = page_content(page, 0x89);
  if (!content.ok()) return content.status();
  if (content->size() < kIdentity) return broken("what an ATA disk says it is is cut off");
  const uint8_t command = byte_at(*content, kCommand);
  if (command != kIdentifyDevice && command != kIdentifyPacketDevice) {
    return broken("a page of ATA information has no identity of a disk");
  }
  absl::StatusOr<AtaIdentity> disk = parse_ata_identity(content->substr(kIdentity));
  if (!disk.ok()) return disk.status();
  return AtaInformation{.translator_vendor = disk_text(content->substr(4, 8)),
                        .translator_product = disk_text(content->substr(12, 16)),
                        .translator_revision = disk_text(content->substr(28, 4)),
                        .disk = *std::move(disk)};
}

}  // namespace muster::firmware
