// Which packages would take the place of which installed ones, by libdnf. libdnf goes through all
// that is offered, and sorts it: before each such question what cannot be an answer is left out, by
// libsolv's ids. Calls block; one thread.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "agent/probes/packages_rpm/package_sack.h"

namespace muster::packages_rpm {

// What `dnf check-update` lists now: updates, and packages of other names that replace installed
// ones. By id of the installed package, the ids of what would take its place: one version, of one
// or several repositories.
using Candidates = std::map<int, std::set<int>>;
Candidates find_candidates(const PackageSack& loaded, bool obsoletes);

// Of each of libsolv's ids, whether it is the name of something that is installed.
using Names = std::vector<bool>;
Names names_of_installed(const ::Pool* pool);

// Leaves out what has another name than all that is installed.
void keep_offers_of_installed(const QueryPtr& query);

// The installed packages' ids by the id of their name.
std::multimap<Id, Id> installed_by_name(::Pool* pool);
// Whether one may take the place of the other: of one name, and of an architecture that fits.
bool same_kind(const Solvable* left, const Solvable* right);

}  // namespace muster::packages_rpm
