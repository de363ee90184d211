// What dnf, yum or zypper has in its cache of a repository. Only files are looked at, none of their
// content but repomd.xml's. Calls block; any thread.
#pragma once

#include <absl/status/statusor.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>

#include "agent/probes/packages_rpm/manager_settings.h"

namespace muster::packages_rpm {

// Paths of this system; empty where the cache has no such file.
struct CachedRepository {
  std::string repomd;
  std::string primary;
  std::string filelists;
  std::string updateinfo;
  std::string modules;
  // Whether repomd.xml names errata, be they in the cache or not.
  bool names_errata = false;
  // dnf's own digest of all that: "ID.solv" and others in this directory. Empty where there is
  // none.
  std::string solv_directory;
  std::optional<google::protobuf::Timestamp> updated_at;
};

// Of one file, unpacked or not. The largest of a distribution is 200 MB.
inline constexpr uint64_t kLargestMetadata = uint64_t{512} << 20;

// NotFound where no cache has it; the error says what is wrong otherwise.
absl::StatusOr<CachedRepository> find_in_cache(const std::string& root,
                                               const ManagerSettings& settings,
                                               const RepositorySettings& repository);

// "baseos-0123456789abcdef": the name of its directory, by its id and its address.
std::string cache_name(const RepositorySettings& repository);

}  // namespace muster::packages_rpm
