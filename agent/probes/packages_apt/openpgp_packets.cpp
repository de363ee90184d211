#include "agent/probes/packages_apt/openpgp_packets.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "common/text.h"

namespace muster::packages_apt {
namespace {

uint8_t octet(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

// Takes bytes from the front of a text; once there were too few, `failed` and all else is zero.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  uint32_t number(size_t octets) {
    uint32_t value = 0;
    for (const char byte : take(octets))
      value = value << 8 | static_cast<uint8_t>(byte);
    return value;
  }

  std::string_view take(size_t octets) {
    if (octets > rest_.size()) {
      failed_ = true;
      rest_ = {};
    }
    if (failed_) return {};
    const std::string_view taken = rest_.substr(0, octets);
    rest_.remove_prefix(octets);
    return taken;
  }

  bool at_end() const { return rest_.empty(); }
  bool failed() const { return failed_; }
  void fail() { failed_ = true; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

// RFC 4880, 4.2: the header of a packet. Its length in the old form and in the new.
Packet read_packet(Reader& reader) {
  const uint32_t header = reader.number(1);
  Packet packet;
  uint32_t length = 0;
  if ((header & 0x80) == 0) {
    reader.fail();
  } else if ((header & 0x40) == 0) {
    packet.tag = static_cast<PacketTag>(header >> 2 & 0xf);
    const uint32_t form = header & 3;
    if (form == 3) reader.fail();  // up to the end, whatever that is
    length = reader.number(size_t{1} << form);
  } else {
    packet.tag = static_cast<PacketTag>(header & 0x3f);
    const uint32_t first = reader.number(1);
    if (first < 192) {
      length = first;
    } else if (first < 224) {
      length = (first - 192) * 256 + reader.number(1) + 192;
    } else if (first == 255) {
      length = reader.number(4);
    } else {
      reader.fail();  // in parts, as only data may be
    }
  }
  packet.body = reader.take(length);
  return packet;
}

constexpr uint8_t kCreationTime = 2;
constexpr uint8_t kKeyExpirationTime = 9;
constexpr uint8_t kIssuerId = 16;
constexpr uint8_t kIssuerFingerprint = 33;
constexpr size_t kIdSize = 8;

// The id within a fingerprint: its end in version 4, its beginning later.
std::string_view id_in(std::string_view fingerprint, uint32_t key_version) {
  return key_version == 4 ? fingerprint.substr(fingerprint.size() - kIdSize)
                          : fingerprint.substr(0, kIdSize);
}

// RFC 4880, 5.2.3.1. What is not signed tells who signed, and nothing else is taken from it.
bool read_subpackets(std::string_view area, bool is_signed, SignatureFields& fields) {
  Reader reader(area);
  while (!reader.at_end()) {
    const uint32_t first = reader.number(1);
    uint32_t length = first;
    if (first == 255) {
      length = reader.number(4);
    } else if (first >= 192) {
      length = (first - 192) * 256 + reader.number(1) + 192;
    }
    const std::string_view subpacket = reader.take(length);
    if (reader.failed() || subpacket.empty()) return false;
    const uint8_t type = octet(subpacket, 0) & 0x7f;
    const std::string_view value = subpacket.substr(1);
    if (type == kCreationTime && is_signed && value.size() == 4) {
      fields.created_at = Reader(value).number(4);
    } else if (type == kKeyExpirationTime && is_signed && value.size() == 4) {
      fields.key_lasts = Reader(value).number(4);
    } else if (type == kIssuerId && value.size() == kIdSize && fields.issuer_id.empty()) {
      fields.issuer_id = hex_of(value);
    } else if (type == kIssuerFingerprint && value.size() > 2 * kIdSize &&
               fields.issuer_fingerprint.empty()) {
      fields.issuer_fingerprint = hex_of(value.substr(1));
      fields.issuer_id = hex_of(id_in(value.substr(1), octet(value, 0)));
    }
  }
  return true;
}

constexpr std::string_view kBegin = "-----BEGIN PGP ";
constexpr std::string_view kEnd = "-----END PGP ";

std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trim(line);
}

std::array<int8_t, 256> base64_values() {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (size_t i = 0; i < kDigits.size(); ++i)
    values[static_cast<uint8_t>(kDigits[i])] = static_cast<int8_t>(i);
  return values;
}

}  // namespace

std::string hex_of(std::string_view bytes) {
  std::string hex = to_hex(bytes);
  std::transform(hex.begin(), hex.end(), hex.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return hex;
}

Packets read_packets(std::string_view bytes) {
  Packets result;
  Reader reader(bytes);
  while (!reader.at_end()) {
    const Packet packet = read_packet(reader);
    if (reader.failed() || result.packets.size() == kMostPackets) {
      result.whole = false;
      break;
    }
    result.packets.push_back(packet);
  }
  return result;
}

bool is_armored(std::string_view text) {
  return trim(text.substr(0, 64)).starts_with(kBegin) ||
         text.find('\n' + std::string(kBegin)) != std::string_view::npos;
}

std::string without_armor(std::string_view text) {
  static const std::array<int8_t, 256> values = base64_values();
  std::string bytes;
  bool inside = false;
  bool in_headers = false;
  uint32_t buffer = 0;
  int bits = 0;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.starts_with(kBegin)) {
      inside = true;
      in_headers = true;
      buffer = 0;
      bits = 0;
      continue;
    }
    if (line.starts_with(kEnd)) inside = false;
    if (!inside) continue;
    if (in_headers) {
      // "Version: 1", up to an empty line, which some leave out where there are none.
      if (line.empty() || line.find(": ") != std::string_view::npos) {
        in_headers = !line.empty();
        continue;
      }
      in_headers = false;
    }
    if (line.starts_with('=')) continue;  // the checksum
    for (const char digit : line) {
      const int8_t value = values[static_cast<uint8_t>(digit)];
      if (value < 0) break;
      buffer = buffer << 6 | static_cast<uint32_t>(value);
      bits += 6;
      if (bits < 8) continue;
      bits -= 8;
      bytes += static_cast<char>(buffer >> bits & 0xff);
    }
  }
  return bytes;
}

std::optional<SignatureFields> read_signature(std::string_view body) {
  Reader reader(body);
  SignatureFields fields;
  const uint32_t version = reader.number(1);
  if (version == 3) {
    reader.take(1);  // how long what follows is: 5
    fields.type = static_cast<uint8_t>(reader.number(1));
    fields.created_at = reader.number(4);
    fields.issuer_id = hex_of(reader.take(kIdSize));
    if (reader.failed()) return std::nullopt;
    return fields;
  }
  if (version != 4 && version != 6) return std::nullopt;
  const size_t length_octets = version == 4 ? 2 : 4;
  fields.type = static_cast<uint8_t>(reader.number(1));
  reader.take(2);  // algorithms
  const std::string_view signed_area = reader.take(reader.number(length_octets));
  const std::string_view unsigned_area = reader.take(reader.number(length_octets));
  if (reader.failed() || !read_subpackets(signed_area, true, fields) ||
      !read_subpackets(unsigned_area, false, fields)) {
    return std::nullopt;
  }
  return fields;
}

}  // namespace muster::packages_apt
