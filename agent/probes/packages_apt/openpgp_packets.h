// OpenPGP (RFC 4880, RFC 9580) as far as it is needed to tell which key signed, and how long a key
// holds: armor, packets, and of signatures what they say of themselves. No signature is verified
// here: apt has verified a Release file before it is among its lists, and a keyring is root's own.
// Pure; any thread.
//
// Own code, where librnp would be the library: it verifies each signature in a keyring as it reads
// it, which takes twice as long as the rest of a look at the packages (README.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::packages_apt {

inline constexpr size_t kMostPackets = 20'000;

enum class PacketTag : uint8_t { kSignature = 2, kPublicKey = 6, kUserId = 13, kPublicSubkey = 14 };

struct Packet {
  // Any of those that there are, known or not.
  PacketTag tag{};
  // Into the text that it was read from.
  std::string_view body;
};

// The packets of `bytes` up to the end, or to the first that is cut off, has no definite length or
// is one too many; `whole` is whether that was the end.
struct Packets {
  std::vector<Packet> packets;
  bool whole = true;
};
Packets read_packets(std::string_view bytes);

// Whether the text is in armor ("-----BEGIN PGP …-----").
bool is_armored(std::string_view text);
// The bytes in all blocks of armor in `text`, one after another; checksums are passed over.
std::string without_armor(std::string_view text);

// Signature types (RFC 4880, 5.2.1) that say something of keys.
inline constexpr uint8_t kGenericCertification = 0x10;
inline constexpr uint8_t kPositiveCertification = 0x13;
inline constexpr uint8_t kSubkeyBinding = 0x18;
inline constexpr uint8_t kDirectKeySignature = 0x1f;
inline constexpr uint8_t kKeyRevocation = 0x20;
inline constexpr uint8_t kSubkeyRevocation = 0x28;

struct SignatureFields {
  uint8_t type = 0;
  // Seconds since 1970; 0 if it does not say.
  uint32_t created_at = 0;
  // Seconds that a key lasts from its creation on; 0: it does not say, or for ever.
  uint32_t key_lasts = 0;
  // Of the key that made it: upper-case hex; the fingerprint is empty where only the id is told.
  std::string issuer_fingerprint;
  std::string issuer_id;
};

// Of versions 3, 4 and 6; unset for others, and for what is cut off.
std::optional<SignatureFields> read_signature(std::string_view body);

// Upper-case hex.
std::string hex_of(std::string_view bytes);

}  // namespace muster::packages_apt
