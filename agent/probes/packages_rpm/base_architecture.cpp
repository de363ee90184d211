#include "agent/probes/packages_rpm/base_architecture.h"

#include <array>
#include <utility>

namespace muster::packages_rpm {

std::string base_architecture(std::string_view machine) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kBases = {{
      {"i386", "i386"},
      {"i486", "i386"},
      {"i586", "i386"},
      {"i686", "i386"},
      {"athlon", "i386"},
      {"amd64", "x86_64"},
      {"ia32e", "x86_64"},
      {"armv7l", "arm"},
      {"armv7hl", "armhfp"},
      {"armv7hnl", "armhfp"},
      {"armv8hl", "armhfp"},
      {"ppc64p7", "ppc64"},
  }};
  for (const auto& [name, base] : kBases) {
    if (name == machine) return std::string(base);
  }
  return std::string(machine);
}

}  // namespace muster::packages_rpm
