// Makes a package cache small: of the hundred thousand packages that repositories offer, a full
// upgrade can touch only those that are installed and what these may need. libapt-pkg visits every
// package it can reach many times, so what cannot matter is unlinked.
#pragma once

class pkgCache;

namespace muster::packages_apt {

// Unlinks, in memory, what no full upgrade can install and nothing installed depends on. What
// stays: each package that dpkg knows, each essential one, and whatever any version of those
// depends on or recommends, whoever provides it, and so on. Between the packages that stay, all
// stays as it is, but for the numbers of the packages, which are given anew. The memory must be
// writable and private; to be called before any policy or plan is made.
void leave_only_relevant(pkgCache& cache);

}  // namespace muster::packages_apt
