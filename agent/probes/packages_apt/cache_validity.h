// Whether apt's own package cache (/var/cache/apt/pkgcache.bin) is up to date, by apt's rules.
#pragma once

class pkgCache;
class pkgSourceList;

namespace muster::packages_apt {

// Every Release file, list and status file that there is now is in the cache with the size and the
// time that it has now, and the cache has no other. As CheckValidity of apt's pkgcachegen.cc, which
// libapt-pkg offers only together with writing a new cache.
bool is_up_to_date(pkgCache& cache, pkgSourceList& sources);

}  // namespace muster::packages_apt
