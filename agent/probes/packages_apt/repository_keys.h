// What the signatures of the configured repositories rest on: the key that signed the lists that
// are there, and how it stands in the keyrings that count for that repository. Of a repository that
// was never fetched: whether any key is there that its source takes. Calls block; any thread.
//
// Which keys apt takes: those of the files or the key that the source names (Signed-By), else those
// of trusted.gpg and trusted.gpg.d; if fingerprints are named, only these. Where several keys
// signed, one of them that is valid is enough for apt, and only the valid ones are told of.
#pragma once

#include <string>
#include <vector>

#include "agent/probes/packages_apt/apt_paths.h"
#include "agent/probes/packages_apt/apt_snapshot.h"
#include "common/clock.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::packages_apt {

inline constexpr size_t kMostRepositoryKeys = 500;
// Signatures of one Release file.
inline constexpr size_t kMostSignatures = 16;

// Of each repository at least one entry, by repository, site, number and fingerprint. A key that
// was not found is not said to be missing where one of the keyrings could not be read: its name in
// `keyrings` then has the reason after it. Where a bound is crossed the first entry says so, and
// those that are not valid are kept.
std::vector<v1::RepositoryKey> repository_keys(const std::string& root, const AptPaths& paths,
                                               const AptSnapshot& snapshot, TimePoint now);

}  // namespace muster::packages_apt
