#include "agent/probes/packages_rpm/vendor_rules.h"

#include <algorithm>

namespace muster::packages_rpm {

std::string vendor_class(std::string_view vendor) {
  std::string lower(vendor);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a')
                                          : static_cast<char>(letter);
  });
  // The build service's vendors of a user's project are that user's.
  const bool of_a_user = lower.starts_with("obs://");
  if (!of_a_user && (lower.starts_with("suse") || lower.starts_with("opensuse"))) return "suse";
  return lower;
}

}  // namespace muster::packages_rpm
