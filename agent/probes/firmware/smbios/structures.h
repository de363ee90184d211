// The table of SMBIOS as a list of its structures (DSP0134 6.1): a header, a formatted area, and
// strings. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/firmware/little_endian.h"

namespace muster::smbios {

// The table of the largest machines has some 100 KiB.
inline constexpr size_t kMostTableBytes = 1 << 20;
inline constexpr size_t kMostStructures = 8192;
inline constexpr size_t kLongestText = 256;

// A view of the table, which outlives it.
class Structure {
 public:
  // `formatted` with its header of four bytes; `strings` up to the last one's end.
  Structure(std::string_view formatted, std::string_view strings)
      : formatted_(formatted), strings_(strings) {}

  uint8_t type() const { return firmware::byte_at(formatted_, 0); }
  uint16_t handle() const { return firmware::number_at<uint16_t>(formatted_, 2); }
  size_t length() const { return formatted_.size(); }

  // Fields by their offset, as the specification has it. Unset where the structure is of an older
  // version and ends before.
  template <typename Number>
  std::optional<Number> number(size_t offset) const {
    if (formatted_.size() < offset + sizeof(Number)) return std::nullopt;
    return firmware::number_at<Number>(formatted_, offset);
  }
  // The string that the byte there names: printable, without blanks around it, at most kLongestText
  // bytes. Empty where there is none.
  std::string text(size_t offset) const;
  // The bytes there, empty where they are not all there.
  std::string_view bytes(size_t offset, size_t count) const;

 private:
  std::string_view formatted_;
  std::string_view strings_;
};

struct StructureList {
  std::vector<Structure> structures;
  // Why not all of the table was read, a sentence; empty: it was.
  std::string cut_short;
};

// With the `count` of a 32 bit entry point so many structures: some machines have those of their
// maker behind the end-of-table structure, and what is behind the last is padding. Without, up to
// the end-of-table structure (7.45). A table that ends before was cut short, though it be between
// two structures.
StructureList split_table(std::string_view table, std::optional<uint16_t> count = std::nullopt);

}  // namespace muster::smbios
