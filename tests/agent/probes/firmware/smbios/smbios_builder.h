// SMBIOS tables for tests, structure by structure, and dumps of them as `dmidecode --dump-bin`
// writes.
#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace muster::test {

// A structure: its formatted area by offsets, and its strings.
class StructureBuilder {
 public:
  // `length` bytes with the header, zeros at first.
  StructureBuilder(uint8_t type, uint8_t length, uint16_t handle) : formatted_(length, '\0') {
    number<uint8_t>(0, type);
    number<uint8_t>(1, length);
    number<uint16_t>(2, handle);
  }

  template <typename Number>
  StructureBuilder& number(size_t offset, Number value) {
    for (size_t i = 0; i < sizeof(Number); ++i)
      formatted_.at(offset + i) = static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
    return *this;
  }
  StructureBuilder& text(size_t offset, std::string_view text) {
    strings_ += text;
    strings_ += '\0';
    return number<uint8_t>(offset, ++count_);
  }
  StructureBuilder& bytes(size_t offset, std::string_view bytes) {
    formatted_.replace(offset, bytes.size(), bytes);
    return *this;
  }

  std::string build() const {
    // Two zeros at the end, of which the last string has one.
    return formatted_ + (strings_.empty() ? std::string(2, '\0') : strings_ + '\0');
  }

 private:
  std::string formatted_;
  std::string strings_;
  uint8_t count_ = 0;
};

inline std::string end_of_table() {
  return StructureBuilder(127, 4, 0xfeff).build();
}

// Sets the byte at `at` so that all add up to zero.
inline void set_checksum(std::string& bytes, size_t at, size_t first, size_t count) {
  bytes[at] = '\0';
  uint8_t sum = 0;
  for (size_t i = first; i < first + count; ++i)
    sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(bytes[i]));
  bytes[at] = static_cast<char>(-sum);
}

// A 64 bit entry point (DSP0134 5.2.2), with the table behind it at offset 32.
inline std::string dump_of(const std::string& table, uint8_t major = 3, uint8_t minor = 5) {
  std::string entry = "_SM3_";
  entry += '\0';
  entry += {'\x18', static_cast<char>(major), static_cast<char>(minor), '\0', '\x01', '\0'};
  for (size_t i = 0; i < 4; ++i)
    entry += static_cast<char>(table.size() >> (8 * i));
  entry += std::string{'\x20', 0, 0, 0, 0, 0, 0, 0};
  set_checksum(entry, 5, 0, 0x18);
  entry.resize(32);
  return entry + table;
}

// A 32 bit entry point (5.2.1), likewise, that counts the structures; 0: it does not.
inline std::string dump_32_of(const std::string& table, uint8_t major = 2, uint8_t minor = 8,
                              uint16_t count = 0) {
  std::string entry(0x1f, '\0');
  entry.replace(0, 4, "_SM_");
  entry[5] = 0x1f;
  entry[6] = static_cast<char>(major);
  entry[7] = static_cast<char>(minor);
  entry.replace(0x10, 5, "_DMI_");
  entry[0x16] = static_cast<char>(table.size());
  entry[0x17] = static_cast<char>(table.size() >> 8);
  entry[0x18] = 0x20;
  entry[0x1c] = static_cast<char>(count);
  entry[0x1d] = static_cast<char>(count >> 8);
  entry[0x1e] = static_cast<char>(major << 4 | minor);
  set_checksum(entry, 0x15, 0x10, 0x0f);
  set_checksum(entry, 4, 0, 0x1f);
  entry.resize(32);
  return entry + table;
}

// A server with two sockets, of which one is empty, four slots for memory, a BMC, a TPM, power
// supplies and a list of its firmware: every structure that is read, of version 3.5.
inline std::string server_table() {
  const auto processor = [](uint16_t handle, std::string_view socket) {
    return StructureBuilder(4, 0x30, handle).text(0x04, socket).number<uint8_t>(0x05, 3);
  };
  const auto slot = [](uint16_t handle, std::string_view locator) {
    return StructureBuilder(17, 0x5c, handle)
        .number<uint16_t>(0x04, 0x1000)
        .text(0x10, locator)
        .text(0x11, "P0_Node0_Channel0");
  };
  return StructureBuilder(0, 0x1a, 0)
             .text(0x04, "Dell Inc.")
             .text(0x05, "2.19.1")
             .text(0x08, "06/04/2023")
             .number<uint8_t>(0x14, 2)
             .number<uint8_t>(0x15, 19)
             .number<uint8_t>(0x16, 0xff)
             .number<uint8_t>(0x17, 0xff)
             .build() +
         StructureBuilder(1, 0x1b, 0x100)
             .text(0x04, "Dell Inc.")
             .text(0x05, "PowerEdge R640")
             .text(0x07, "ABC1234")
             .bytes(0x08,
                    std::string_view("DELL\x42\x00\x31\x10\x80\x43\xc1\xc0\x4f\x31\x32\x34", 16))
             .number<uint8_t>(0x18, 6)
             .text(0x19, "SKU=0716;ModelName=PowerEdge R640")
             .text(0x1a, "PowerEdge")
             .build() +
         StructureBuilder(2, 0x0f, 0x200)
             .text(0x04, "Dell Inc.")
             .text(0x05, "0H28RR")
             .text(0x06, "A07")
             .text(0x07, ".ABC1234.CNFCP0089A00AB.")
             .number<uint16_t>(0x0b, 0x300)
             .number<uint8_t>(0x0d, 10)
             .build() +
         // One record of three bytes before the SKU.
         StructureBuilder(3, 0x19, 0x300)
             .text(0x04, "Dell Inc.")
             .number<uint8_t>(0x05, 0x80 | 0x17)
             .text(0x07, "ABC1234")
             .text(0x08, "RZ-0815")
             .number<uint8_t>(0x13, 1)
             .number<uint8_t>(0x14, 3)
             .text(0x18, "Rack")
             .build() +
         processor(0x400, "CPU1")
             .text(0x07, "Intel")
             .number<uint8_t>(0x06, 0xb3)
             .text(0x10, "Intel(R) Xeon(R) Platinum 8380 CPU @ 2.30GHz")
             .number<uint16_t>(0x14, 4000)
             .number<uint8_t>(0x18, 0x41)
             .number<uint8_t>(0x23, 40)
             .number<uint8_t>(0x24, 40)
             .number<uint8_t>(0x25, 80)
             .build() +
         processor(0x401, "CPU2").number<uint16_t>(0x14, 4000).build() +
         StructureBuilder(16, 0x17, 0x1000)
             .number<uint8_t>(0x04, 3)
             .number<uint8_t>(0x05, 3)
             .number<uint8_t>(0x06, 6)
             .number<uint32_t>(0x07, 0x80000000)
             .number<uint16_t>(0x0d, 4)
             .number<uint64_t>(0x0f, uint64_t{6} << 40)
             .build() +
         // 64 GiB by the extended field, and 16 GiB by the small one.
         slot(0x1100, "A1")
             .number<uint16_t>(0x0c, 0x7fff)
             .number<uint8_t>(0x0e, 9)
             .number<uint8_t>(0x12, 0x1a)
             .number<uint16_t>(0x15, 3200)
             .text(0x17, "Hynix Semiconductor")
             .text(0x18, "2F3A1B5C")
             .text(0x19, "010D2100")
             .text(0x1a, "HMAA8GR7AJR4N-XN")
             .number<uint8_t>(0x1b, 2)
             .number<uint32_t>(0x1c, 65536)
             .number<uint16_t>(0x20, 2933)
             .build() +
         slot(0x1101, "A2")
             .number<uint16_t>(0x0c, 16384)
             .number<uint8_t>(0x0e, 9)
             .number<uint8_t>(0x12, 0x22)
             .number<uint16_t>(0x15, 0xffff)
             .text(0x17, "Micron Technology")
             .number<uint8_t>(0x1b, 1)
             .number<uint16_t>(0x20, 0xffff)
             .text(0x2b, "2240")
             .number<uint32_t>(0x54, 70000)
             .number<uint32_t>(0x58, 66000)
             .build() +
         slot(0x1102, "A3").build() +
         slot(0x1103, "A4").number<uint16_t>(0x0c, 0x8000 | 512).build() +
         StructureBuilder(38, 0x12, 0x2600)
             .number<uint8_t>(0x04, 1)
             .number<uint8_t>(0x05, 0x20)
             .number<uint8_t>(0x06, 0x20)
             .build() +
         StructureBuilder(39, 0x16, 0x2700)
             .text(0x06, "PWR SPLY,750WP,RDNT,DELTA")
             .text(0x07, "DELL")
             .text(0x08, "CNDED0084B02E1")
             .text(0x0a, "05RHVVA00")
             .number<uint16_t>(0x0c, 750)
             .number<uint16_t>(0x0e, 3 << 7 | 0x02)
             .build() +
         StructureBuilder(43, 0x1f, 0x2b00)
             .bytes(0x04, "INTC")
             .number<uint8_t>(0x08, 2)
             .number<uint8_t>(0x09, 0)
             .number<uint32_t>(0x0a, 7u << 16 | 85)
             .text(0x12, "Infineon SLB9670")
             .build() +
         StructureBuilder(45, 0x18, 0x2d00)
             .text(0x04, "iDRAC9")
             .text(0x05, "7.00.00.171")
             .text(0x07, "25227")
             .text(0x09, "2024-01-12")
             .text(0x0a, "Dell Inc.")
             .text(0x0b, "5.10.00.00")
             .number<uint8_t>(0x16, 4)
             .build() +
         end_of_table();
}

}  // namespace muster::test
