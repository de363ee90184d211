#include "agent/probes/tls/certificate_message.h"

#include <optional>

namespace muster::tls {
namespace {

// What a length of `width` bytes at the front says that follows it, taken from the front.
std::optional<std::string_view> take_sized(std::string_view& from, size_t width) {
  if (from.size() < width) return std::nullopt;
  size_t size = 0;
  for (const char byte : from.substr(0, width))
    size = size << 8 | static_cast<unsigned char>(byte);
  from.remove_prefix(width);
  if (from.size() < size) return std::nullopt;
  const std::string_view taken = from.substr(0, size);
  from.remove_prefix(size);
  return taken;
}

}  // namespace

CertificateMessage parse_certificate_message(std::string_view message, bool is_tls13, size_t most) {
  CertificateMessage parsed;
  constexpr size_t kHeader = 4;
  if (message.size() < kHeader) return parsed;
  message.remove_prefix(kHeader);
  if (is_tls13 && !take_sized(message, 1)) return parsed;
  std::optional<std::string_view> list = take_sized(message, 3);
  while (list && !list->empty()) {
    const std::optional<std::string_view> certificate = take_sized(*list, 3);
    if (!certificate || (is_tls13 && !take_sized(*list, 2))) break;
    if (parsed.certificates.size() < most) {
      parsed.certificates.emplace_back(*certificate);
    } else {
      ++parsed.omitted;
    }
  }
  return parsed;
}

}  // namespace muster::tls
