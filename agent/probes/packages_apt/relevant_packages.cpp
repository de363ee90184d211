#include "agent/probes/packages_apt/relevant_packages.h"

#include <apt-pkg/configuration.h>
#include <apt-pkg/pkgcache.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace muster::packages_apt {
namespace {

// The two hash tables lie behind the header, one after the other (pkgcache.h tells it to apt's own
// code only).
map_pointer<pkgCache::Group>* group_table(pkgCache& cache) {
  return reinterpret_cast<map_pointer<pkgCache::Group>*>(cache.HeaderP + 1);
}

map_pointer<pkgCache::Package>* package_table(pkgCache& cache) {
  return reinterpret_cast<map_pointer<pkgCache::Package>*>(group_table(cache) +
                                                           cache.HeaderP->GetHashTableSize());
}

// The groups (packages of one name in all architectures) that matter.
class RelevantGroups {
 public:
  explicit RelevantGroups(pkgCache& cache)
      : cache_(cache),
        is_member_(cache.HeaderP->GroupCount),
        is_named_(cache.HeaderP->GroupCount),
        with_suggestions_(_config->FindB("APT::Install-Suggests", false) ||
                          _config->Exists("APT::Install-Suggests-Sections")) {
    add_roots();
    while (!unexpanded_.empty()) {
      const pkgCache::GrpIterator group = unexpanded_.back();
      unexpanded_.pop_back();
      expand(group);
    }
  }

  bool is_member(const pkgCache::Package& package) const {
    return is_member_[(cache_.GrpP + package.Group)->ID];
  }
  // Members, and the names by which members are looked up: their source packages.
  bool is_named(const pkgCache::Group& group) const { return is_named_[group.ID]; }
  const std::vector<pkgCache::GrpIterator>& members() const { return members_; }

 private:
  void add_roots() {
    const map_pointer<pkgCache::Package>* table = package_table(cache_);
    for (uint32_t bucket = 0; bucket < cache_.HeaderP->GetHashTableSize(); ++bucket) {
      for (auto at = table[bucket]; at != nullptr; at = (cache_.PkgP + at)->NextPackage) {
        const pkgCache::Package& package = *(cache_.PkgP + at);
        constexpr auto kWanted = pkgCache::Flag::Essential | pkgCache::Flag::Important;
        if (package.CurrentState != pkgCache::State::NotInstalled ||
            package.InstState != pkgCache::State::Ok || (package.Flags & kWanted) != 0) {
          add(package);
        }
      }
    }
    // Every kernel provides it; which of them may be removed is asked through it.
    const pkgCache::GrpIterator kernels = cache_.FindGrp("$kernel");
    if (!kernels.end()) add(kernels);
  }

  void add(const pkgCache::Package& package) {
    add(pkgCache::GrpIterator(cache_, cache_.GrpP + package.Group));
  }

  void add(const pkgCache::GrpIterator& group) {
    if (is_member_[group->ID]) return;
    is_member_[group->ID] = true;
    is_named_[group->ID] = true;
    members_.push_back(group);
    unexpanded_.push_back(group);
  }

  bool is_followed(uint8_t type) const {
    return type == pkgCache::Dep::Depends || type == pkgCache::Dep::PreDepends ||
           type == pkgCache::Dep::Recommends ||
           (with_suggestions_ && type == pkgCache::Dep::Suggests);
  }

  void expand(const pkgCache::GrpIterator& group) {
    for (auto package = group.PackageList(); !package.end(); package = group.NextPkg(package)) {
      for (auto version = package.VersionList(); !version.end(); ++version) {
        const pkgCache::GrpIterator source = cache_.FindGrp(version.SourcePkgName());
        if (!source.end()) is_named_[source->ID] = true;
        for (auto dependency = version.DependsList(); !dependency.end(); ++dependency) {
          if (!is_followed(dependency->Type)) continue;
          const pkgCache::PkgIterator target = dependency.TargetPkg();
          add(*target);
          for (auto provides = target.ProvidesList(); !provides.end(); ++provides) {
            add(*provides.OwnerPkg());
          }
        }
      }
    }
  }

  pkgCache& cache_;
  std::vector<bool> is_member_;
  std::vector<bool> is_named_;
  bool with_suggestions_;
  std::vector<pkgCache::GrpIterator> members_;
  std::vector<pkgCache::GrpIterator> unexpanded_;
};

// Takes out of every chain of the table what is not to stay; the order of the rest is kept. Writes
// only where something changes: each page written is a page copied.
template <typename T, typename Stays>
void filter(pkgCache& cache, map_pointer<T>* table, T* base, map_pointer<T> T::*next, Stays stays) {
  for (uint32_t bucket = 0; bucket < cache.HeaderP->GetHashTableSize(); ++bucket) {
    map_pointer<T>* link = &table[bucket];
    for (map_pointer<T> at = *link; at != nullptr; at = (base + at)->*next) {
      if (!stays(*(base + at))) continue;
      if (*link != at) *link = at;
      link = &((base + at)->*next);
    }
    if (*link != nullptr) *link = nullptr;
  }
}

// Leaves among those who depend on a package only members, or the plan would count the others in.
// The newest entry comes first, as apt's generator has it.
void relink_reverse_dependencies(pkgCache& cache, const RelevantGroups& groups) {
  using Link = std::pair<pkgCache::Package*, pkgCache::Dependency*>;
  std::vector<Link> links;
  const auto unlink = [](pkgCache::Package& package) {
    if (package.RevDepends != nullptr) package.RevDepends = nullptr;
  };
  for (const pkgCache::GrpIterator& group : groups.members()) {
    for (auto package = group.PackageList(); !package.end(); package = group.NextPkg(package)) {
      unlink(*package);
      for (auto version = package.VersionList(); !version.end(); ++version) {
        for (auto provides = version.ProvidesList(); !provides.end(); ++provides) {
          unlink(*provides.ParentPkg());
        }
        for (auto dependency = version.DependsList(); !dependency.end(); ++dependency) {
          unlink(*dependency.TargetPkg());
          links.emplace_back(dependency.TargetPkg(), dependency);
        }
      }
    }
  }
  std::sort(links.begin(), links.end(),
            [](const Link& a, const Link& b) { return a.second < b.second; });
  for (const auto& [target, dependency] : links) {
    dependency->NextRevDepends = target->RevDepends;
    target->RevDepends =
        map_pointer<pkgCache::Dependency>(static_cast<uint32_t>(dependency - cache.DepP));
  }
}

}  // namespace

void leave_only_relevant(pkgCache& cache) {
  const RelevantGroups groups(cache);
  filter(cache, package_table(cache), cache.PkgP, &pkgCache::Package::NextPackage,
         [&groups](const pkgCache::Package& package) { return groups.is_member(package); });
  filter(cache, group_table(cache), cache.GrpP, &pkgCache::Group::Next,
         [&groups](const pkgCache::Group& group) { return groups.is_named(group); });
  relink_reverse_dependencies(cache, groups);
}

}  // namespace muster::packages_apt
