// repomd.xml: the list of a repository's metadata, by libsolv's own parser. Any thread.
#pragma once

#include <absl/status/statusor.h>

#include <map>
#include <string>

namespace muster::packages_rpm {

// Address by type, "primary" -> "repodata/0123-primary.xml.gz"; the first of a type counts. `path`
// is one of this system.
absl::StatusOr<std::map<std::string, std::string>> addresses_in_repomd(const std::string& path);

}  // namespace muster::packages_rpm
