#include "agent/probes/host/time_zone.h"

#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kLimit = 256;

}  // namespace

std::string zone_of_link(std::string_view target) {
  constexpr std::string_view kDirectory = "/zoneinfo/";
  const size_t at = target.find(kDirectory);
  if (at == std::string_view::npos) return {};
  std::string_view zone = target.substr(at + kDirectory.size());
  // The same zones without and with leap seconds.
  for (const std::string_view variant : {"posix/", "right/"}) {
    if (zone.starts_with(variant)) zone.remove_prefix(variant.size());
  }
  return printable(zone, kLimit);
}

std::string parse_timezone_file(std::string_view content) {
  const std::string_view text = trim(content);
  return printable(trim(text.substr(0, text.find('\n'))), kLimit);
}

}  // namespace muster
