// Which repositories are not the distribution's, what is installed from them, and whether what they
// offer tells that it closes security holes. Pure; any thread.
//
// apt has no advisories: what an update is for is told by where it comes from. A distribution
// offers security updates in a place of their own, so its other places say "not for security". A
// vendor's repository has one place for all: of its updates nothing is known. One that has a place
// for security, too ("stable-security" beside "stable"), tells as a distribution does.
#pragma once

#include <set>
#include <string>

#include "agent/probes/packages_apt/apt_snapshot.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::packages_apt {

inline constexpr int kMostRepositoriesListed = 200;

// Only origins other than the distribution's offer the installed version. Where nobody offers it
// any more (the repository went on), the other versions of the package tell. A package that nobody
// offers is obsolete or local, not third-party.
bool is_third_party(const AptPackage& package, const AptSnapshot& snapshot,
                    const std::set<std::string>& distribution);

// The names of origins whose updates tell what they are for: those of `distribution`, and whoever
// offers security updates.
std::set<std::string> telling_origins(const AptSnapshot& snapshot,
                                      const std::set<std::string>& distribution);

// Of an update that waits. Yes: a security origin offers a version that is newer than the installed
// and not newer than the candidate; a fix that a later version without the mark has replaced is
// still a fix that is missing. Else no, if one of `telling` offers the candidate.
v1::Security security_of(const AptSnapshot& snapshot, const AptPackage& package,
                         const std::set<std::string>& telling);

// Origin of the Release file, else its label, suite or host name.
std::string repository_name(const AptOrigin& origin);

// Fills third_party_repositories and repositories_without_errata.
void fill_repositories(const AptSnapshot& snapshot, const std::set<std::string>& distribution,
                       v1::PackageFacts& facts);

}  // namespace muster::packages_apt
