// A hash of text that is the same on every machine and in every version, which std::hash does not
// promise. Not for secrets. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace muster {

// The finalizer of MurmurHash3's 64 bits, without its last round: spreads what differs in few bits.
constexpr uint64_t mix_bits(uint64_t bits) {
  bits ^= bits >> 33;
  bits *= 0xff51afd7ed558ccd;
  bits ^= bits >> 33;
  return bits;
}

// FNV-1a, then mix_bits.
constexpr uint64_t stable_hash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return mix_bits(hash);
}

}  // namespace muster
