// What `apt-get dist-upgrade` would do, by libapt-pkg's own resolver.
#pragma once

#include <apt-pkg/depcache.h>
#include <apt-pkg/pkgcache.h>

#include <vector>

#include "agent/probes/packages_apt/apt_snapshot.h"

namespace muster::packages_apt {

// A package that waits, and its place in the snapshot.
struct Pending {
  pkgCache::PkgIterator package;
  pkgCache::VerIterator candidate;
  size_t index;
};

// Fills in what would be done with each of `pending`, and why the others are kept back; or
// `upgrade_error` if nothing would be done.
void fill_plan(pkgDepCache& plan, const std::vector<Pending>& pending, AptSnapshot& snapshot);

// Whether the plan is what it is for simple reasons: all that waits is installed, or is held,
// phased or lacks something that nobody offers; and nothing is removed. Then no conflict was
// weighed.
bool is_free_of_conflicts(pkgDepCache& plan, const AptSnapshot& snapshot);

}  // namespace muster::packages_apt
