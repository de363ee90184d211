#include "agent/probes/packages_apt/cache_file.h"

#include <apt-pkg/aptconfiguration.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/error.h>
#include <apt-pkg/fileutl.h>
#include <apt-pkg/mmap.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/sourcelist.h>
#include <fmt/format.h>

#include "agent/probes/packages_apt/cache_validity.h"
#include "agent/probes/packages_apt/private_mapping.h"
#include "agent/probes/packages_apt/relevant_packages.h"

namespace muster::packages_apt {
namespace {

// Descriptions decide nothing and would double the work.
void leave_out_descriptions() {
  _config->Clear("Acquire::Languages");
  _config->Set("Acquire::Languages::", "none");
  // libapt-pkg remembers both answers; this makes it ask again.
  APT::Configuration::getLanguages(true, false);
  APT::Configuration::getLanguages(false, false);
}

}  // namespace

bool CacheFile::open(Extent extent, const std::string& disk_cache) {
  // What could be removed automatically is asked only when conflicts are weighed.
  InhibitActionGroups(extent == Extent::kRelevant);
  return build(extent, disk_cache) && BuildPolicy() && BuildDepCache() && !_error->PendingError();
}

bool CacheFile::build(Extent extent, const std::string& disk_cache) {
  if (!open_disk_cache(disk_cache)) {
    // Not before: a cache on disk is valid only with the descriptions that it has.
    leave_out_descriptions();
    if (!BuildCaches(nullptr, false)) return false;
  }
  if (extent == Extent::kRelevant) leave_only_relevant(*Cache);
  return true;
}

bool CacheFile::open_disk_cache(const std::string& disk_cache) {
  if (disk_cache.empty() || !RealFileExists(disk_cache)) return false;
  // Whatever is wrong with the cache is no problem of the system: apt would make a new one.
  _error->PushToStack();
  const bool opened = map_disk_cache(disk_cache) && !_error->PendingError();
  _error->RevertToStack();
  if (!opened) Close();
  return opened;
}

bool CacheFile::map_disk_cache(const std::string& disk_cache) {
  FileFd file;
  if (!file.Open(disk_cache, FileFd::ReadOnly, FileFd::None) || !BuildSourceList() ||
      SrcList->GetLastModifiedTime() > file.ModificationTime()) {
    return false;
  }
  // By its descriptor, so that all of this is about one file, also when apt puts another in place.
  _config->Set("Dir::Cache::pkgcache", fmt::format("/proc/self/fd/{}", file.Fd()));
  _config->Set("pkgCacheFile::Generate", "false");
  const bool mapped = [this] {
    const PrivateMapping changeable;
    return BuildCaches(nullptr, false);
  }();
  _config->Clear("pkgCacheFile::Generate");
  _config->Set("Dir::Cache::pkgcache", "");
  return mapped && is_up_to_date(*Cache, *SrcList);
}

}  // namespace muster::packages_apt
