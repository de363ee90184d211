// What the repositories' updateinfo says of newer versions of what is installed, by libdnf. Calls
// block; one thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/probes/packages_rpm/libdnf_types.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::packages_rpm {

inline constexpr size_t kMostAdvisories = 100;
inline constexpr int kMostCves = 100;

struct Erratum {
  // The version that brings it.
  std::string version;
  v1::Advisory advisory;
};
// By package and architecture.
using Errata = std::map<std::pair<std::string, std::string>, std::vector<Erratum>>;

// Those of versions newer than the newest installed.
Errata errata_of_installed(DnfSack* sack);

// Those up to and with `version`, by id, each once, security first where there are too many.
std::vector<v1::Advisory> errata_between(const Errata& errata, const std::string& package,
                                         const std::string& architecture,
                                         const std::string& version);

}  // namespace muster::packages_rpm
