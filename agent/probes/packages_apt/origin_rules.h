// What an origin is, by its Release file. Pure; any thread.
//
// Security: the label, the suite or the codename is "security" or ends with "-security", in any
// case. That holds for
//   Debian      Label: Debian-Security      Suite: stable-security   Codename: bookworm-security
//   Debian <11  Label: Debian-Security      Suite: oldstable         Codename: buster/updates
//   Ubuntu      Label: Ubuntu               Suite: jammy-security    Codename: jammy
//   Ubuntu ESM  Label: UbuntuESMApps        Suite: jammy-apps-security
//   Devuan      Label: Devuan-Security      Suite: stable-security
// and for mirrors made by aptly, pulp and the like, which replace Origin and Label and keep the
// suite. The name of a server is no sign: security.debian.org is mirrored, and mirrors hold
// everything.
#pragma once

#include <set>
#include <string>

#include "agent/probes/packages_apt/apt_snapshot.h"

namespace muster::packages_apt {

bool is_security_origin(const AptOrigin& origin);

// Whether the origin belongs to a distribution whose own origins are `distribution` ("Debian"):
// it is one of them, or an annex of one ("Debian Backports", "UbuntuESMApps").
bool is_distribution_origin(const AptOrigin& origin, const std::set<std::string>& distribution);

// The distribution's own origins: those that offer base-files, which every Debian-like system has
// from its distribution, the installed version's if known. Without any, Debian and Ubuntu.
std::set<std::string> distribution_origins(const AptSnapshot& snapshot);

}  // namespace muster::packages_apt
