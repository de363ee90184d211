#include "agent/probes/packages_rpm/rpm_keys.h"

#include <rpm/rpmpgp.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

#include "agent/probes/packages_apt/openpgp_packets.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::packages_rpm {
namespace {

using packages_apt::Packet;
using packages_apt::PacketTag;

constexpr size_t kLongestName = 128;
constexpr std::string_view kFile = "file://";

uint32_t big_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (const char byte : bytes)
    value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

// librpm wants the packet whole: tag, length of four bytes, body.
std::string fingerprint_of(std::string_view body) {
  std::string packet = "\xc6\xff";
  for (int shift = 24; shift >= 0; shift -= 8)
    packet += static_cast<char>(body.size() >> shift & 0xff);
  packet += body;
  uint8_t* bytes = nullptr;
  size_t length = 0;
  const auto* start = reinterpret_cast<const uint8_t*>(packet.data());
  if (::pgpPubkeyFingerprint(start, packet.size(), &bytes, &length) != 0) return {};
  const std::unique_ptr<uint8_t, decltype(&std::free)> owned(bytes, &std::free);
  return packages_apt::hex_of({reinterpret_cast<const char*>(bytes), length});
}

// A key while its packets are read: those of its subkeys say nothing of it.
struct Reading {
  RpmKey key;
  uint32_t made_at = 0;
  uint32_t newest_signature = 0;
  bool in_subkeys = false;
};

void take_signature(std::string_view body, Reading& reading) {
  const auto fields = packages_apt::read_signature(body);
  if (!fields || reading.in_subkeys) return;
  // Others may sign a key too, and say nothing of its end.
  const std::string& print = reading.key.fingerprint;
  const bool own = fields->issuer_id.empty() || print.ends_with(fields->issuer_id);
  if (!own) return;
  if (fields->type == packages_apt::kKeyRevocation) reading.key.is_revoked = true;
  const bool of_end = (fields->type >= packages_apt::kGenericCertification &&
                       fields->type <= packages_apt::kPositiveCertification) ||
                      fields->type == packages_apt::kDirectKeySignature;
  if (!of_end || fields->created_at < reading.newest_signature) return;
  reading.newest_signature = fields->created_at;
  reading.key.ends_at.reset();
  if (fields->key_lasts != 0) {
    reading.key.ends_at = int64_t{reading.made_at} + fields->key_lasts;
  }
}

v1::RepositoryKeyState state_of(const RpmKey& key, int64_t now) {
  if (key.is_revoked) return v1::REPOSITORY_KEY_STATE_REVOKED;
  if (key.ends_at && *key.ends_at <= now) return v1::REPOSITORY_KEY_STATE_EXPIRED;
  return v1::REPOSITORY_KEY_STATE_VALID;
}

using KeysByFingerprint = std::map<std::string, RpmKey>;

void add_key(const std::string& repository, const RpmKey& key, const std::string& where,
             int64_t now, std::vector<v1::RepositoryKey>& all) {
  v1::RepositoryKey& out = all.emplace_back();
  out.set_repository(printable(repository, kLongestName));
  out.set_fingerprint(key.fingerprint);
  out.set_user_id(printable(key.user_id, kLongestName));
  out.set_state(state_of(key, now));
  if (key.ends_at) out.mutable_not_after()->set_seconds(*key.ends_at);
  out.add_keyrings(printable(where, 256));
}

void add_without_key(const std::string& repository, v1::RepositoryKeyState state,
                     const std::vector<std::string>& looked_in,
                     std::vector<v1::RepositoryKey>& all) {
  v1::RepositoryKey& out = all.emplace_back();
  out.set_repository(printable(repository, kLongestName));
  out.set_state(state);
  for (const std::string& where : looked_in) {
    if (out.keyrings_size() < 10) out.add_keyrings(printable(where, 256));
  }
}

void add_repository(const std::string& root, const RepositorySettings& repository,
                    const KeysByFingerprint& imported, int64_t now,
                    std::vector<v1::RepositoryKey>& all) {
  if (!repository.packages_checked && !repository.metadata_checked) {
    add_without_key(repository.id, v1::REPOSITORY_KEY_STATE_UNSIGNED, {}, all);
    return;
  }
  bool found = false;
  bool elsewhere = repository.key_urls.empty();
  for (const std::string& url : repository.key_urls) {
    if (!url.starts_with(kFile)) {
      elsewhere = true;
      continue;
    }
    const std::string path = url.substr(kFile.size());
    const auto text = probe::read_in_root(root, path, kLargestKeyFile);
    if (!text.ok()) continue;
    for (const RpmKey& key : read_rpm_keys(*text)) {
      const auto copy = imported.find(key.fingerprint);
      const bool is_imported = copy != imported.end();
      add_key(repository.id, is_imported ? copy->second : key,
              is_imported ? "rpm's database" : path, now, all);
      found = true;
    }
  }
  if (found) return;
  // Which of the imported keys it is that a repository elsewhere signs with cannot be told.
  const bool may_be_imported = elsewhere && !imported.empty();
  add_without_key(
      repository.id,
      may_be_imported ? v1::REPOSITORY_KEY_STATE_UNSPECIFIED : v1::REPOSITORY_KEY_STATE_MISSING,
      repository.key_urls, all);
}

}  // namespace

std::vector<RpmKey> read_rpm_keys(std::string_view armour) {
  const std::string bytes = packages_apt::without_armor(armour);
  const packages_apt::Packets packets = packages_apt::read_packets(bytes);
  std::vector<Reading> readings;
  for (const Packet& packet : packets.packets) {
    if (packet.tag == PacketTag::kPublicKey) {
      Reading& reading = readings.emplace_back();
      reading.key.fingerprint = fingerprint_of(packet.body);
      // A byte of the version, and then the time (RFC 4880, 5.5.2).
      if (packet.body.size() >= 5) reading.made_at = big_endian(packet.body.substr(1, 4));
    } else if (readings.empty()) {
      continue;
    } else if (packet.tag == PacketTag::kPublicSubkey) {
      readings.back().in_subkeys = true;
    } else if (packet.tag == PacketTag::kUserId && readings.back().key.user_id.empty()) {
      readings.back().key.user_id = packet.body;
    } else if (packet.tag == PacketTag::kSignature) {
      take_signature(packet.body, readings.back());
    }
  }
  std::vector<RpmKey> keys;
  for (Reading& reading : readings) {
    if (!reading.key.fingerprint.empty()) keys.push_back(std::move(reading.key));
  }
  return keys;
}

std::vector<v1::RepositoryKey> repository_keys(const std::string& root,
                                               const ManagerSettings& settings,
                                               const std::vector<std::string>& imported,
                                               int64_t now) {
  KeysByFingerprint by_fingerprint;
  for (const std::string& armour : imported) {
    for (RpmKey& key : read_rpm_keys(armour))
      by_fingerprint[key.fingerprint] = std::move(key);
  }
  std::vector<v1::RepositoryKey> all;
  for (const RepositorySettings& repository : settings.repositories)
    add_repository(root, repository, by_fingerprint, now, all);
  std::stable_sort(all.begin(), all.end(), [](const auto& left, const auto& right) {
    return std::pair(left.repository(), left.fingerprint()) <
           std::pair(right.repository(), right.fingerprint());
  });
  return all;
}

}  // namespace muster::packages_rpm
