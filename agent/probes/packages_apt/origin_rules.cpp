#include "agent/probes/packages_apt/origin_rules.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace muster::packages_apt {
namespace {

bool names_security(std::string_view field) {
  constexpr std::string_view kWord = "security";
  if (field.size() < kWord.size()) return false;
  const std::string_view end = field.substr(field.size() - kWord.size());
  const bool is_word = std::equal(end.begin(), end.end(), kWord.begin(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
  return is_word && (field.size() == kWord.size() || field[field.size() - kWord.size() - 1] == '-');
}

void add_origins(const AptSnapshot& snapshot, const OfferedVersion& offer,
                 std::set<std::string>& names) {
  for (const size_t index : offer.origins) {
    if (!snapshot.origins[index].origin.empty()) names.insert(snapshot.origins[index].origin);
  }
}

}  // namespace

bool is_security_origin(const AptOrigin& origin) {
  return names_security(origin.label) || names_security(origin.suite) ||
         names_security(origin.codename);
}

bool is_distribution_origin(const AptOrigin& origin, const std::set<std::string>& distribution) {
  return std::any_of(distribution.begin(), distribution.end(), [&](const std::string& name) {
    return origin.origin == name || origin.origin.starts_with(name + " ") ||
           origin.origin.starts_with(name + "ESM");
  });
}

std::set<std::string> distribution_origins(const AptSnapshot& snapshot) {
  std::set<std::string> of_installed;
  std::set<std::string> of_any;
  for (const AptPackage& package : snapshot.packages) {
    if (package.name != "base-files") continue;
    for (const OfferedVersion& offer : package.offers) {
      if (offer.installed) add_origins(snapshot, offer, of_installed);
      add_origins(snapshot, offer, of_any);
    }
  }
  if (!of_installed.empty()) return of_installed;
  if (!of_any.empty()) return of_any;
  return {"Debian", "Ubuntu"};
}

}  // namespace muster::packages_apt
