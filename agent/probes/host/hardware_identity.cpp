#include "agent/probes/host/hardware_identity.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kLimit = 256;

// In lower case. What makers leave in a field they did not fill.
constexpr std::array<std::string_view, 28> kPlaceholders = {
    "to be filled by o.e.m.",
    "to be filled by o.e.m",
    "to be filled by oem",
    "default string",
    "default",
    "system manufacturer",
    "system product name",
    "system serial number",
    "system version",
    "not specified",
    "not applicable",
    "not available",
    "not provided",
    "none",
    "n/a",
    "na",
    "unknown",
    "undefined",
    "invalid",
    "empty",
    "oem",
    "o.e.m.",
    "serial number",
    "chassis serial number",
    "0123456789",
    "123456789",
    "1234567890",
    "type1productconfigid",
};

}  // namespace

std::string clean_identity(std::string_view content) {
  const std::string_view text = trim(content);
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (std::find(kPlaceholders.begin(), kPlaceholders.end(), lower) != kPlaceholders.end())
    return {};
  // "00000000", "........", "FFFFFFFF", "xxxxxxx", "-": one character over and over.
  if (lower.find_first_not_of(lower.substr(0, 1)) == std::string::npos &&
      (lower.size() > 2 || std::isalnum(static_cast<unsigned char>(lower.c_str()[0])) == 0 ||
       lower == "0")) {
    return {};
  }
  return printable(text, kLimit);
}

}  // namespace muster
