// Inputs near good ones, for promises that must hold over any bytes. The same at every run: the
// generator is seeded, and std::mt19937 is specified to the bit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>

namespace muster::test {

// Flips, replaces, cuts, doubles and drops a few bytes.
inline std::string damaged(std::string bytes, std::mt19937& random) {
  const auto below = [&random](size_t limit) { return random() % std::max<size_t>(limit, 1); };
  for (size_t changes = 1 + below(4); changes > 0 && !bytes.empty(); --changes) {
    const size_t at = below(bytes.size());
    switch (below(6)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 1:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 2:
        bytes.erase(at, 1 + below(8));
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, below(64)));
        break;
      case 4:
        bytes[at] = static_cast<char>(0x84);  // a length of four bytes in DER
        break;
      default:
        if (below(8) == 0) bytes.resize(at);
    }
  }
  return bytes;
}

}  // namespace muster::test
