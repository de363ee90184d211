// The public keys that packages may be signed with: as rpm has imported them, and as the files hold
// them that repositories name. Fingerprints are librpm's. Calls block; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/packages_rpm/manager_settings.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::packages_rpm {

struct RpmKey {
  // Of the primary key, upper-case hex.
  std::string fingerprint;
  std::string user_id;
  // Seconds since 1970, by the newest of its own signatures; unset: never.
  std::optional<int64_t> ends_at;
  bool is_revoked = false;
};

// Those in one text of armour, which may have several blocks.
std::vector<RpmKey> read_rpm_keys(std::string_view armour);

inline constexpr size_t kLargestKeyFile = 1 << 20;

// What each repository's signatures rest on. `imported` is the armour of each key that rpm has;
// where it has a key of a file, its copy counts. `now`: seconds since 1970.
std::vector<v1::RepositoryKey> repository_keys(const std::string& root,
                                               const ManagerSettings& settings,
                                               const std::vector<std::string>& imported,
                                               int64_t now);

}  // namespace muster::packages_rpm
