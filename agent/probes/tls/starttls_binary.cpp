// Protocols of binary messages: LDAP (RFC 4511), PostgreSQL (its manual, "SSL Session Encryption"),
// MySQL (its manual, "Connection Phase") and RDP (MS-RDPBCGR 2.2.1.1 and 2.2.1.2).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "agent/probes/tls/starttls_dialog.h"

namespace muster::tls {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using Step = StartTlsDialog::Step;

// Of one message; what is larger is none of these protocols' before TLS.
constexpr size_t kMostMessageBytes = size_t{16} << 10;

uint8_t byte_at(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

// Up to four bytes, the most significant one first.
uint32_t big_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (const char c : bytes)
    value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

// Takes up to the byte 0, and that, off `text`; all where there is none.
std::string_view take_string(std::string_view& text) {
  const std::string_view string = text.substr(0, text.find('\0'));
  text.remove_prefix(std::min(string.size() + 1, text.size()));
  return string;
}

// ---- LDAP ----

// A BER element: what is unset has not come whole, and where `wrong` is set it is none.
struct Element {
  uint8_t tag = 0;
  std::string_view content;
  bool wrong = false;
};

// Takes one off `bytes`; nothing where it is not whole.
std::optional<Element> take_element(std::string_view& bytes) {
  constexpr uint8_t kLong = 0x80;
  constexpr size_t kMostLengthBytes = 4;
  if (bytes.size() < 2) return std::nullopt;
  size_t header = 2;
  size_t length = byte_at(bytes, 1);
  if (length >= kLong) {
    const size_t count = length - kLong;
    if (count == 0 || count > kMostLengthBytes) return Element{.content = {}, .wrong = true};
    header += count;
    if (bytes.size() < header) return std::nullopt;
    length = big_endian(bytes.substr(2, count));
  }
  if (length > kMostMessageBytes) return Element{.content = {}, .wrong = true};
  if (bytes.size() < header + length) return std::nullopt;
  const Element element{.tag = byte_at(bytes, 0), .content = bytes.substr(header, length)};
  bytes.remove_prefix(header + length);
  return element;
}

// The next element of a message that has come whole, if it is of that tag.
std::optional<std::string_view> take_field(std::string_view& message, uint8_t tag) {
  const std::optional<Element> element = take_element(message);
  if (!element || element->wrong || element->tag != tag) return std::nullopt;
  return element->content;
}

constexpr uint8_t kInteger = 0x02;
constexpr uint8_t kOctetString = 0x04;
constexpr uint8_t kEnumerated = 0x0a;
constexpr uint8_t kSequence = 0x30;
constexpr uint8_t kExtendedResponse = 0x78;

std::string_view ldap_result_name(uint32_t code) {
  switch (code) {
    case 1:
      return "operationsError";
    case 2:
      return "protocolError";
    case 8:
      return "strongerAuthRequired";
    case 10:
      return "referral";
    case 13:
      return "confidentialityRequired";
    case 50:
      return "insufficientAccessRights";
    case 51:
      return "busy";
    case 52:
      return "unavailable";
    case 53:
      return "unwillingToPerform";
    default:
      return "";
  }
}

class LdapDialog : public BufferedDialog {
 public:
  // Message 1: an extended request for StartTLS (RFC 4511, 4.14.1).
  std::string opening() override {
    return "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
           "1.3.6.1.4.1.1466.20037"s;
  }

 private:
  static constexpr std::string_view kNone = "what came is no answer of LDAP";

  std::optional<Step> take(std::string_view& rest, std::string& /*reply*/) override {
    if (!rest.empty() && byte_at(rest, 0) != kSequence) return not_the_protocol(kNone);
    const std::optional<Element> message = take_element(rest);
    if (!message) return std::nullopt;
    return message->wrong ? not_the_protocol(kNone) : take_message(message->content);
  }

  Step take_message(std::string_view message) {
    const auto id = take_field(message, kInteger);
    const auto operation = take_field(message, kExtendedResponse);
    if (!id || !operation) return not_the_protocol(kNone);
    std::string_view fields = *operation;
    const auto result = take_field(fields, kEnumerated);
    const auto matched = take_field(fields, kOctetString);
    const auto text = take_field(fields, kOctetString);
    if (!result || !matched || !text || result->size() != 1) return not_the_protocol(kNone);
    // 0: the server's own notice, that it disconnects.
    const bool is_answer = *id == "\x01";
    if (!is_answer && *id != "\0"sv) return not_the_protocol(kNone);
    const uint32_t code = big_endian(*result);
    if (is_answer && code == 0) return Step::kBeginTls;
    return no_start_tls(fmt::format("result {} {}{}{}", code, ldap_result_name(code),
                                    text->empty() ? "" : ": ", *text));
  }
};

// ---- PostgreSQL ----

class PostgresDialog : public BufferedDialog {
 public:
  // SSLRequest: its length and the number 80877103.
  std::string opening() override { return "\x00\x00\x00\x08\x04\xd2\x16\x2f"s; }

 private:
  std::optional<Step> take(std::string_view& rest, std::string& /*reply*/) override {
    if (rest.empty()) return std::nullopt;
    if (rest.front() == 'E') return take_error(rest);
    const char answer = rest.front();
    rest.remove_prefix(1);
    if (answer == 'S') return Step::kBeginTls;
    if (answer == 'N') return no_start_tls("it takes no TLS");
    return not_the_protocol("what came is no answer of PostgreSQL");
  }

  // An ErrorResponse: fields, each a letter and a text.
  std::optional<Step> take_error(std::string_view& rest) {
    constexpr size_t kHeader = 5;
    constexpr size_t kLengthBytes = 4;
    if (rest.size() < kHeader) return std::nullopt;
    const size_t length = big_endian(rest.substr(1, kLengthBytes));
    if (length < kLengthBytes || length > kMostMessageBytes) {
      return not_the_protocol("what came is no answer of PostgreSQL");
    }
    if (rest.size() < 1 + length) return std::nullopt;
    std::string_view fields = rest.substr(kHeader, length - kLengthBytes);
    rest.remove_prefix(1 + length);
    while (!fields.empty()) {
      const std::string_view field = take_string(fields);
      if (field.starts_with('M')) return no_start_tls(field.substr(1));
    }
    return no_start_tls("it answers with an error");
  }
};

// ---- MySQL and MariaDB ----

class MysqlDialog : public BufferedDialog {
 public:
  std::string opening() override { return {}; }

 private:
  static constexpr std::string_view kNone = "what came is no greeting of MySQL";
  static constexpr uint32_t kCanTls = 0x0800;

  std::optional<Step> take(std::string_view& rest, std::string& reply) override {
    constexpr size_t kHeader = 4;
    // Its length, the least significant byte first, and its number, 0 of a greeting.
    if (rest.size() >= 3 && length_of(rest) > kMostMessageBytes) return not_the_protocol(kNone);
    if (rest.size() < kHeader) return std::nullopt;
    if (byte_at(rest, 3) != 0 || length_of(rest) == 0) return not_the_protocol(kNone);
    const size_t length = length_of(rest);
    if (rest.size() < kHeader + length) return std::nullopt;
    const std::string_view packet = rest.substr(kHeader, length);
    rest.remove_prefix(kHeader + length);
    return take_greeting(packet, reply);
  }

  static size_t length_of(std::string_view header) {
    return byte_at(header, 0) | size_t{byte_at(header, 1)} << 8 | size_t{byte_at(header, 2)} << 16;
  }

  Step take_greeting(std::string_view packet, std::string& reply) {
    constexpr char kError = '\xff';
    constexpr char kVersion10 = 10;
    // Behind the server's version: its thread, eight bytes of a challenge and one of nothing.
    constexpr size_t kCapabilities = 4 + 8 + 1;
    if (packet.front() == kError) return take_error(packet.substr(1));
    if (packet.front() != kVersion10) return not_the_protocol(kNone);
    packet.remove_prefix(1);
    take_string(packet);
    if (packet.size() < kCapabilities + 2) return not_the_protocol(kNone);
    const uint32_t capabilities =
        byte_at(packet, kCapabilities) | uint32_t{byte_at(packet, kCapabilities + 1)} << 8;
    if ((capabilities & kCanTls) == 0) return no_start_tls("its capabilities do not have TLS");
    // SSLRequest: 32 bytes, number 1; of protocol 4.1, with TLS and long challenges; packets of up
    // to 16 MiB; utf8; 23 bytes of nothing.
    reply += "\x20\x00\x00\x01\x00\x8a\x00\x00\x00\x00\x00\x01\x21"s + std::string(23, '\0');
    return Step::kBeginTls;
  }

  Step take_error(std::string_view error) {
    if (error.size() < 2) return not_the_protocol(kNone);
    const unsigned code = byte_at(error, 0) | unsigned{byte_at(error, 1)} << 8;
    error.remove_prefix(2);
    constexpr size_t kState = 6;
    if (error.starts_with('#') && error.size() >= kState) error.remove_prefix(kState);
    return no_start_tls(fmt::format("error {}: {}", code, error));
  }
};

// ---- RDP ----

constexpr std::array kRdpFailures = {
    "SSL_REQUIRED_BY_SERVER"sv,    "SSL_NOT_ALLOWED_BY_SERVER"sv,
    "SSL_CERT_NOT_ON_SERVER"sv,    "INCONSISTENT_FLAGS"sv,
    "HYBRID_REQUIRED_BY_SERVER"sv, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER"sv,
};

class RdpDialog : public BufferedDialog {
 public:
  // TPKT, an X.224 connection request, and that TLS will do, with and without CredSSP.
  std::string opening() override {
    return "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00"s;
  }

 private:
  static constexpr std::string_view kNone = "what came is no answer of RDP";

  std::optional<Step> take(std::string_view& rest, std::string& /*reply*/) override {
    constexpr size_t kTpkt = 4;
    constexpr size_t kSmallest = kTpkt + 7;
    constexpr size_t kLargest = 1024;
    if (!rest.empty() && byte_at(rest, 0) != 3) return not_the_protocol(kNone);
    if (rest.size() < kTpkt) return std::nullopt;
    const size_t length = big_endian(rest.substr(2, 2));
    if (length < kSmallest || length > kLargest) return not_the_protocol(kNone);
    if (rest.size() < length) return std::nullopt;
    const std::string_view answer = rest.substr(kTpkt, length - kTpkt);
    rest.remove_prefix(length);
    return take_answer(answer);
  }

  Step take_answer(std::string_view answer) {
    constexpr uint8_t kConfirm = 0xd0;
    constexpr uint8_t kDisconnect = 0x80;
    constexpr size_t kX224 = 7;
    constexpr size_t kNegotiation = 8;
    const uint8_t type = byte_at(answer, 1) & 0xf0;
    if (type == kDisconnect) return no_start_tls("it disconnects");
    if (type != kConfirm) return not_the_protocol(kNone);
    if (answer.size() < kX224 + kNegotiation) return no_start_tls("it has RDP's own security only");
    const std::string_view negotiation = answer.substr(kX224, kNegotiation);
    // Its least significant byte is all that the known ones need.
    const uint8_t value = byte_at(negotiation, 4);
    switch (byte_at(negotiation, 0)) {
      case 2:
        return value != 0 ? Step::kBeginTls : no_start_tls("it chose RDP's own security");
      case 3:
        return no_start_tls(fmt::format(
            "failure {}{}{}", value, value >= 1 && value <= kRdpFailures.size() ? " " : "",
            value >= 1 && value <= kRdpFailures.size() ? kRdpFailures.at(value - 1) : ""sv));
      default:
        return not_the_protocol(kNone);
    }
  }
};

}  // namespace

std::unique_ptr<StartTlsDialog> make_ldap_dialog() {
  return std::make_unique<LdapDialog>();
}

std::unique_ptr<StartTlsDialog> make_postgres_dialog() {
  return std::make_unique<PostgresDialog>();
}

std::unique_ptr<StartTlsDialog> make_mysql_dialog() {
  return std::make_unique<MysqlDialog>();
}

std::unique_ptr<StartTlsDialog> make_rdp_dialog() {
  return std::make_unique<RdpDialog>();
}

}  // namespace muster::tls
