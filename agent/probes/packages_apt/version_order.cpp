#include "agent/probes/packages_apt/version_order.h"

#include <apt-pkg/debversion.h>

namespace muster::packages_apt {

int compare_versions(std::string_view a, std::string_view b) {
  return debVS.DoCmpVersion(a.data(), a.data() + a.size(), b.data(), b.data() + b.size());
}

}  // namespace muster::packages_apt
