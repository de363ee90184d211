// libapt-pkg's caches, opened for one look: no lock, nothing written, and no more of the world than
// the look needs.
#pragma once

#include <apt-pkg/cachefile.h>

#include <string>

namespace muster::packages_apt {

class CacheFile : public pkgCacheFile {
 public:
  enum class Extent {
    // What a full upgrade can touch (relevant_packages.h).
    kRelevant,
    // Everything that repositories offer, as apt itself sees it.
    kWhole
  };

  // False with libapt-pkg's errors, where apt itself would refuse. `disk_cache` is the file where
  // apt keeps its cache, which is used where it is valid and never written; empty: there is none,
  // or it is not to be trusted.
  bool open(Extent extent, const std::string& disk_cache);

 private:
  bool build(Extent extent, const std::string& disk_cache);
  bool open_disk_cache(const std::string& disk_cache);
  bool map_disk_cache(const std::string& disk_cache);
};

}  // namespace muster::packages_apt
