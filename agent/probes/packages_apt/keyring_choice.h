// Which keys a repository may be signed with, as its source says (sources.list(5), Signed-By).
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/packages_apt/openpgp_keys.h"

namespace muster::packages_apt {

struct KeyringChoice {
  // Absolute paths, as the looked-at system names them; none: apt's own keyrings.
  std::vector<std::string> files;
  // Upper-case hex; none: any key of the files. One with "!" at its end is meant without subkeys.
  std::vector<std::string> fingerprints;
  // A key in armor, in place of files.
  std::string embedded;
};

// `signed_by` as libapt-pkg or a Release file has it: files and fingerprints, commas or spaces
// between them.
KeyringChoice keyring_choice(std::string_view signed_by);

// Whether the choice has room for the key, wherever it was found.
bool is_chosen(const KeyringChoice& choice, const OpenPgpKey& key);

}  // namespace muster::packages_apt
