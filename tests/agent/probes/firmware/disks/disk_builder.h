// What disks answer, built by the offsets of the specifications.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::test {

// 512 bytes of IDENTIFY DEVICE (ACS-3 7.12): words of two bytes, the low one first.
class IdentityBuilder {
 public:
  IdentityBuilder& word(size_t index, uint16_t value) {
    bytes_[2 * index] = static_cast<char>(value & 0xff);
    bytes_[2 * index + 1] = static_cast<char>(value >> 8);
    return *this;
  }
  // The first letter of two is in the high byte of their word; blanks fill the field.
  IdentityBuilder& text(size_t first, size_t last, std::string_view letters) {
    std::string field(letters);
    field.resize(2 * (last - first + 1), ' ');
    for (size_t i = 0; i < field.size(); i += 2) {
      word(first + i / 2, static_cast<uint16_t>(static_cast<uint8_t>(field[i]) << 8 |
                                                static_cast<uint8_t>(field[i + 1])));
    }
    return *this;
  }
  // Word 255: A5h and what makes all bytes add up to zero.
  IdentityBuilder& checksum() {
    word(255, 0xa5);
    uint8_t sum = 0;
    for (const char byte : bytes_)
      sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(byte));
    return word(255, static_cast<uint16_t>((0x100 - sum) % 0x100 << 8 | 0xa5));
  }
  std::string build() const { return bytes_; }

 private:
  std::string bytes_ = std::string(512, '\0');
};

// A disk that turns 7200 times a minute, with SMART there and on.
inline IdentityBuilder example_identity() {
  return IdentityBuilder()
      .text(10, 19, "        WD-WX12A3456")
      .text(23, 26, "83.H0A83")
      .text(27, 46, "WDC WUH721414ALE6L4")
      .word(82, 0x346b)
      .word(83, 0x7d09)
      .word(85, 0x3469)
      .word(87, 0x4163)
      .word(217, 7200)
      .checksum();
}

// A page of vital product data: device type, code, length in two bytes, and what it has.
inline std::string product_data(uint8_t code, std::string_view content) {
  std::string page(4, '\0');
  page[1] = static_cast<char>(code);
  page[2] = static_cast<char>(content.size() >> 8);
  page[3] = static_cast<char>(content.size());
  return page + std::string(content);
}

// Page 89h as SAT-4 has it: translator at 8, 16 and 32, the command at 56, the identity at 60.
inline std::string ata_information(uint8_t command, const std::string& identity) {
  std::string content(56, '\0');
  content.replace(4, 28, "LINUX   libata          3.00");
  content[52] = static_cast<char>(command);
  return product_data(0x89, content + identity);
}

// Sense data of descriptors (SPC-4 4.5.2) with one of type 9 (SAT-4): the registers of an ATA disk.
inline std::string registers_sense(uint8_t status, uint8_t error, uint8_t lba_middle,
                                   uint8_t lba_high) {
  std::string bytes("\x72\x01\x00\x1d\x00\x00\x00\x0e\x09\x0c", 10);
  bytes.resize(22, '\0');
  bytes[11] = static_cast<char>(error);
  bytes[17] = static_cast<char>(lba_middle);
  bytes[19] = static_cast<char>(lba_high);
  bytes[21] = static_cast<char>(status);
  return bytes;
}

}  // namespace muster::test
