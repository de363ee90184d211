// A variable of UEFI that holds what may or may not be started: lists of signatures, of which each
// has entries of one type and size (UEFI 2.10, 32.4.1). Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace muster::firmware {

// More certificates than any variable has.
inline constexpr size_t kMostAuthorities = 64;

struct SignatureLists {
  // DER, in their order; at most kMostAuthorities. Views into the value.
  std::vector<std::string_view> certificates;
  // Entries of every type, and those of them that are the SHA-256 of a program.
  uint32_t entries = 0;
  uint32_t program_digests = 0;
  // Why not all of it was read, a sentence; empty: it was.
  std::string cut_short;
};

// `value` without the attributes that efivarfs has before it.
SignatureLists parse_signature_lists(std::string_view value);

}  // namespace muster::firmware
