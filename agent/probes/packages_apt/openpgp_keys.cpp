#include "agent/probes/packages_apt/openpgp_keys.h"

#include <apt-pkg/hashes.h>

#include <algorithm>
#include <cctype>

#include "agent/probes/packages_apt/openpgp_packets.h"

namespace muster::packages_apt {
namespace {

// RFC 4880, 12.2.
std::string fingerprint_of(std::string_view body) {
  const std::string start = {'\x99', static_cast<char>(body.size() >> 8),
                             static_cast<char>(body.size() & 0xff)};
  Hashes hashes(Hashes::SHA1SUM);
  hashes.Add(reinterpret_cast<const unsigned char*>(start.data()), start.size());
  hashes.Add(reinterpret_cast<const unsigned char*>(body.data()), body.size());
  std::string hex = hashes.GetHashString(Hashes::SHA1SUM).HashValue();
  std::transform(hex.begin(), hex.end(), hex.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return hex;
}

// What the owner's newest signature of one kind says.
struct Newest {
  bool exists = false;
  uint32_t created_at = 0;
  uint32_t key_lasts = 0;

  void take(const SignatureFields& signature) {
    if (exists && signature.created_at < created_at) return;
    *this = {true, signature.created_at, signature.key_lasts};
  }
};

struct Key {
  OpenPgpKey said;
  uint32_t created_at = 0;
  Newest binding;  // of a subkey

  // Where it ends if it lasts that long.
  std::optional<uint64_t> end(uint32_t lasts) const {
    if (lasts == 0) return std::nullopt;
    return uint64_t{created_at} + lasts;
  }
};

// One primary key with what follows it.
class Certificate {
 public:
  explicit Certificate(Key primary) { keys_.push_back(std::move(primary)); }

  void add_subkey(Key subkey) { keys_.push_back(std::move(subkey)); }

  void add_user_id(std::string_view text) {
    if (user_ids_.empty()) keys_.front().said.user_id = text;
    user_ids_.emplace_back();
  }

  void add(const SignatureFields& signature) {
    Key& primary = keys_.front();
    const bool own = signature.issuer_fingerprint.empty()
                         ? signature.issuer_id == primary.said.id
                         : signature.issuer_fingerprint == primary.said.fingerprint;
    if (!own) return;
    if (signature.type == kKeyRevocation) {
      primary.said.is_revoked = true;
    } else if (signature.type == kDirectKeySignature) {
      direct_.take(signature);
    } else if (signature.type == kSubkeyBinding && keys_.size() > 1) {
      keys_.back().binding.take(signature);
    } else if (signature.type == kSubkeyRevocation && keys_.size() > 1) {
      keys_.back().said.is_revoked = true;
    } else if (signature.type >= kGenericCertification &&
               signature.type <= kPositiveCertification && !user_ids_.empty()) {
      user_ids_.back().take(signature);
    }
  }

  // The keys, each with what holds for its primary key, too. Subkeys that were never bound are no
  // part of it.
  void move_to(std::vector<OpenPgpKey>& out) {
    Key& primary = keys_.front();
    primary.said.ends_at = primary.end(primary_lasts());
    for (Key& key : keys_) {
      if (&key != &primary) {
        if (!key.binding.exists) continue;
        key.said.ends_at = key.end(key.binding.key_lasts);
        if (primary.said.ends_at) {
          key.said.ends_at =
              std::min(key.said.ends_at.value_or(*primary.said.ends_at), *primary.said.ends_at);
        }
        key.said.is_revoked = key.said.is_revoked || primary.said.is_revoked;
        key.said.user_id = primary.said.user_id;
      }
      key.said.primary_fingerprint = primary.said.fingerprint;
      out.push_back(key.said);
    }
  }

 private:
  // The direct signature's word, else that of the user id that was certified last among those that
  // give one: GnuPG's order.
  uint32_t primary_lasts() const {
    if (direct_.key_lasts != 0) return direct_.key_lasts;
    Newest newest;
    for (const Newest& user_id : user_ids_) {
      if (user_id.key_lasts != 0 && (!newest.exists || user_id.created_at > newest.created_at)) {
        newest = user_id;
      }
    }
    return newest.key_lasts;
  }

  std::vector<Key> keys_;  // the primary first
  std::vector<Newest> user_ids_;
  Newest direct_;
};

std::optional<Key> read_key(std::string_view body) {
  constexpr size_t kStart = 6;  // version, time, algorithm
  constexpr size_t kLongest = 0xffff;
  if (body.size() < kStart || body.size() > kLongest || body[0] != 4) return std::nullopt;
  Key key;
  for (size_t i = 1; i <= 4; ++i)
    key.created_at = key.created_at << 8 | static_cast<uint8_t>(body[i]);
  key.said.fingerprint = fingerprint_of(body);
  key.said.id = key.said.fingerprint.substr(key.said.fingerprint.size() - 16);
  return key;
}

}  // namespace

std::string why_apt_skips(std::string_view path, std::string_view content) {
  if (!is_armored(content)) return {};
  if (path.ends_with(".gpg")) return "it is in armor, so its name must end with .asc";
  if (content.find('\r') != std::string_view::npos) return "its lines end with CR LF";
  return content.find("\n\n") == std::string_view::npos ? "its armor has no empty line" : "";
}

Keyring read_keyring(std::string_view content) {
  const std::string unarmored = is_armored(content) ? without_armor(content) : std::string();
  const Packets read = read_packets(unarmored.empty() ? content : std::string_view(unarmored));
  Keyring keyring;
  keyring.whole = read.whole && !read.packets.empty();
  std::optional<Certificate> certificate;
  // Signatures after a key of an unknown version are not about the one before it.
  bool in_unknown_key = true;
  const auto finish = [&] {
    if (certificate) certificate->move_to(keyring.keys);
    certificate.reset();
  };
  for (const Packet& packet : read.packets) {
    if (packet.tag == PacketTag::kPublicKey) {
      finish();
      std::optional<Key> key = read_key(packet.body);
      in_unknown_key = !key.has_value();
      if (key) certificate.emplace(*std::move(key));
    } else if (!certificate) {
      continue;
    } else if (packet.tag == PacketTag::kPublicSubkey) {
      std::optional<Key> key = read_key(packet.body);
      in_unknown_key = !key.has_value();
      if (key) certificate->add_subkey(*std::move(key));
    } else if (packet.tag == PacketTag::kUserId) {
      certificate->add_user_id(packet.body);
    } else if (packet.tag == PacketTag::kSignature && !in_unknown_key) {
      if (const auto signature = read_signature(packet.body)) certificate->add(*signature);
    }
  }
  finish();
  return keyring;
}

}  // namespace muster::packages_apt
