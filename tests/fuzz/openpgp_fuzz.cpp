// Any bytes as a keyring, and as the signature of a Release file: whatever comes out keeps its
// bounds and points into what was read.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/probes/packages_apt/keyring_choice.h"
#include "agent/probes/packages_apt/openpgp_keys.h"
#include "agent/probes/packages_apt/openpgp_packets.h"

namespace {

using namespace muster::packages_apt;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_hex(const std::string& text) {
  return text.find_first_not_of("0123456789ABCDEF") == std::string::npos;
}

void check_packets(std::string_view bytes) {
  const Packets read = read_packets(bytes);
  require(read.packets.size() <= kMostPackets);
  size_t total = 0;
  for (const Packet& packet : read.packets) {
    total += packet.body.size();
    require(packet.body.empty() ||
            (packet.body.data() >= bytes.data() &&
             packet.body.data() + packet.body.size() <= bytes.data() + bytes.size()));
    if (const auto signature = read_signature(packet.body)) {
      require(is_hex(signature->issuer_id) && is_hex(signature->issuer_fingerprint));
      require(signature->issuer_id.empty() || signature->issuer_id.size() == 16);
    }
  }
  require(total <= bytes.size());
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_packets(bytes);
  const std::string unarmored = without_armor(bytes);
  require(unarmored.size() <= size);
  check_packets(unarmored);
  for (const OpenPgpKey& key : read_keyring(bytes).keys) {
    require(key.fingerprint.size() == 40 && is_hex(key.fingerprint));
    require(key.fingerprint.ends_with(key.id) && key.id.size() == 16);
    require(key.primary_fingerprint.size() == 40);
    require(!key.ends_at || *key.ends_at <= 2 * uint64_t{0xffffffff});
  }
  const KeyringChoice choice = keyring_choice(bytes);
  require(choice.embedded.empty() || choice.files.empty());
  require(std::all_of(choice.files.begin(), choice.files.end(),
                      [](const std::string& file) { return file.starts_with('/'); }));
  return 0;
}
