// The keys in a keyring: how long each holds, and whether it was revoked, as its owner says in
// signatures of their own on it. As gpgv reckons it. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::packages_apt {

inline constexpr size_t kLargestKeyring = 4 << 20;

// A key that may sign: a primary key or a subkey.
struct OpenPgpKey {
  // Upper-case hex.
  std::string fingerprint;
  std::string id;
  std::string primary_fingerprint;
  // The first user id of the primary key, as it is written.
  std::string user_id;
  // Seconds since 1970, of the key and its primary key whichever is first; unset: never.
  std::optional<uint64_t> ends_at;
  // It or its primary key.
  bool is_revoked = false;
};

struct Keyring {
  // Of version 4; apt 2.6 knows no other.
  std::vector<OpenPgpKey> keys;
  // The file is no keyring that apt would read, or breaks off.
  bool whole = true;
};

// Why apt before 3.0 takes no key from the file, though there may be keys in it: it reads armor
// only where the name says so, and only with plain line ends. Empty: it does.
std::string why_apt_skips(std::string_view path, std::string_view content);

// `content` is a file that Signed-By or trusted.gpg.d may name, in armor or not.
Keyring read_keyring(std::string_view content);

}  // namespace muster::packages_apt
