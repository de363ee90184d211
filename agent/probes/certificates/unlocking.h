// What there is to open an encrypted file with: passwords, and how much work it may be.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace muster {

// Rounds of key derivation for one file. openssl and keytool write 2,048 and 10,000 for each of its
// parts; a file may ask for two thousand million, which would be an hour. Two million take a second
// or two.
inline constexpr uint64_t kMostRounds = 2'000'000;

struct Unlocking {
  // Those that the site gave for this file, to be tried in order; they outlive the reading.
  std::span<const std::string_view> passwords = {};
  // What is left; each reader takes from it what it is about to spend.
  uint64_t rounds = kMostRounds;

  bool take(uint64_t wanted) {
    if (wanted > rounds) return false;
    rounds -= wanted;
    return true;
  }
};

inline constexpr std::string_view kNeedsPassword =
    "it takes a password: give it in a file of the setting password_files";
inline constexpr std::string_view kWrongPassword =
    "its password is wrong: see the setting password_files";
inline constexpr std::string_view kTooMuchWork =
    "its key derivation asks for more rounds than this probe works on one file";

}  // namespace muster
