#include "agent/probes/packages_apt/release_fields.h"

#include <string>

#include "common/text.h"

namespace muster::packages_apt {

std::string_view release_field(std::string_view release, std::string_view name) {
  const std::string start = std::string(name) + ':';
  size_t at = 0;
  if (!release.starts_with(start)) {
    at = release.find('\n' + start);
    if (at == std::string_view::npos) return {};
    ++at;
  }
  release.remove_prefix(at + start.size());
  return trim(release.substr(0, release.find('\n')));
}

std::string_view inline_signature(std::string_view release) {
  const size_t start = release.rfind("\n-----BEGIN PGP SIGNATURE-----");
  return start == std::string_view::npos ? std::string_view() : release.substr(start + 1);
}

}  // namespace muster::packages_apt
