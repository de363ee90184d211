#include "agent/probes/packages_apt/cache_validity.h"

#include <apt-pkg/indexfile.h>
#include <apt-pkg/metaindex.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgsystem.h>
#include <apt-pkg/sourcelist.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace muster::packages_apt {
namespace {

bool all_seen(const std::vector<bool>& seen) {
  return std::all_of(seen.begin(), seen.end(), [](bool one) { return one; });
}

}  // namespace

bool is_up_to_date(pkgCache& cache, pkgSourceList& sources) {
  std::vector<pkgIndexFile*> files;
  std::vector<bool> releases_seen(cache.HeaderP->ReleaseFileCount);
  for (metaIndex* repository : sources) {
    const pkgCache::RlsFileIterator release = repository->FindInCache(cache, true);
    if (release.end()) return false;
    releases_seen[release->ID] = true;
    const std::vector<pkgIndexFile*>& lists = *repository->GetIndexFiles();
    std::copy_if(lists.begin(), lists.end(), std::back_inserter(files),
                 [](const pkgIndexFile* list) { return list->HasPackages(); });
  }
  if (!all_seen(releases_seen) || !_system->AddStatusFiles(files)) return false;
  std::vector<bool> files_seen(cache.HeaderP->PackageFileCount);
  for (const pkgIndexFile* file : files) {
    if (!file->Exists()) continue;
    const pkgCache::PkgFileIterator known = file->FindInCache(cache);
    if (known.end()) return false;
    files_seen[known->ID] = true;
  }
  return all_seen(files_seen);
}

}  // namespace muster::packages_apt
