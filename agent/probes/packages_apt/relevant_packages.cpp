#include "agent/probes/packages_apt/relevant_packages.h"

#include <apt-pkg/configuration.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/string_view.h>

#include <algorithm>
#include <bit>
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

// Places in the cache, of which few are taken: the next is found 64 at a time.
class PlaceSet {
 public:
  explicit PlaceSet(size_t size) : words_(size / kBits + 1) {}

  size_t size() const { return words_.size() * kBits; }
  void add(uint32_t place) { words_[place / kBits] |= uint64_t{1} << place % kBits; }

  // The first from there on; size(): there is none.
  uint32_t next(uint32_t from) const {
    size_t word = from / kBits;
    if (word >= words_.size()) return static_cast<uint32_t>(size());
    uint64_t left = words_[word] & ~uint64_t{0} << from % kBits;
    while (left == 0 && ++word < words_.size())
      left = words_[word];
    return static_cast<uint32_t>(word * kBits + (left == 0 ? 0 : std::countr_zero(left)));
  }

 private:
  static constexpr uint32_t kBits = 64;
  std::vector<uint64_t> words_;
};

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

  const std::vector<pkgCache::GrpIterator>& members() const { return members_; }
  // The members, and the names by which they are looked up: their source packages.
  const std::vector<pkgCache::GrpIterator>& named() const { return named_; }

 private:
  // Visits every package in the order of memory: in the table's each lies somewhere else, and
  // waiting for memory is all there is to this visit.
  void add_roots() {
    const map_pointer<pkgCache::Package>* table = package_table(cache_);
    PlaceSet starts(cache_.GetMap().Size() / sizeof(pkgCache::Package) + 1);
    for (uint32_t bucket = 0; bucket < cache_.HeaderP->GetHashTableSize(); ++bucket) {
      starts.add(index_of(table[bucket]));
    }
    for (uint32_t at = starts.next(1); at < starts.size(); at = starts.next(at + 1)) {
      add_if_root(cache_.PkgP[at]);
      // The rest of its chain: each further on in its turn, each already passed now.
      uint32_t next = index_of(cache_.PkgP[at].NextPackage);
      for (; next != 0 && next < at; next = index_of(cache_.PkgP[next].NextPackage)) {
        add_if_root(cache_.PkgP[next]);
      }
      starts.add(next);
    }
    // Every kernel provides it; which of them may be removed is asked through it.
    const pkgCache::GrpIterator kernels = cache_.FindGrp("$kernel");
    if (!kernels.end()) add(kernels);
  }

  static uint32_t index_of(map_pointer<pkgCache::Package> package) {
    return static_cast<uint32_t>(package);
  }

  void add_if_root(const pkgCache::Package& package) {
    constexpr auto kWanted = pkgCache::Flag::Essential | pkgCache::Flag::Important;
    if (package.CurrentState != pkgCache::State::NotInstalled ||
        package.InstState != pkgCache::State::Ok || (package.Flags & kWanted) != 0) {
      add(package);
    }
  }

  void add(const pkgCache::Package& package) {
    add(pkgCache::GrpIterator(cache_, cache_.GrpP + package.Group));
  }

  void add(const pkgCache::GrpIterator& group) {
    if (is_member_[group->ID]) return;
    is_member_[group->ID] = true;
    add_name(group);
    members_.push_back(group);
    unexpanded_.push_back(group);
  }

  void add_name(const pkgCache::GrpIterator& group) {
    if (group.end() || is_named_[group->ID]) return;
    is_named_[group->ID] = true;
    named_.push_back(group);
  }

  bool is_followed(uint8_t type) const {
    return type == pkgCache::Dep::Depends || type == pkgCache::Dep::PreDepends ||
           type == pkgCache::Dep::Recommends ||
           (with_suggestions_ && type == pkgCache::Dep::Suggests);
  }

  void expand(const pkgCache::GrpIterator& group) {
    for (auto package = group.PackageList(); !package.end(); package = group.NextPkg(package)) {
      for (auto version = package.VersionList(); !version.end(); ++version) {
        add_name(cache_.FindGrp(version.SourcePkgName()));
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
  std::vector<pkgCache::GrpIterator> named_;
  std::vector<pkgCache::GrpIterator> unexpanded_;
};

// In the order of the cache's tables as they are now: by hash, then as the generator sorts a chain.
std::vector<pkgCache::GrpIterator> in_table_order(
    const pkgCache& cache, const std::vector<pkgCache::GrpIterator>& groups) {
  std::vector<std::pair<map_id_t, pkgCache::GrpIterator>> hashed;
  hashed.reserve(groups.size());
  for (const pkgCache::GrpIterator& group : groups) {
    hashed.emplace_back(cache.Hash(group.Name()), group);
  }
  std::sort(hashed.begin(), hashed.end(), [](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return APT::StringViewCompareFast(a.second.Name(), b.second.Name()) < 0;
  });
  std::vector<pkgCache::GrpIterator> ordered;
  ordered.reserve(hashed.size());
  for (const auto& [hash, group] : hashed)
    ordered.push_back(group);
  return ordered;
}

// Makes the tables small, too: libapt-pkg walks each bucket whenever it visits all packages. That
// visit keeps its order, since every package is put in the first bucket in the order it had.
void relink_tables(pkgCache& cache, const RelevantGroups& groups) {
  constexpr uint32_t kBuckets = 4096;
  const std::vector<pkgCache::GrpIterator> members = in_table_order(cache, groups.members());
  cache.HeaderP->SetHashTableSize(std::min(kBuckets, cache.HeaderP->GetHashTableSize()));
  const std::vector<pkgCache::GrpIterator> named = in_table_order(cache, groups.named());

  map_pointer<pkgCache::Group>* by_name = group_table(cache);
  map_pointer<pkgCache::Package>* packages = package_table(cache);
  std::fill_n(by_name, cache.HeaderP->GetHashTableSize(), nullptr);
  std::fill_n(packages, cache.HeaderP->GetHashTableSize(), nullptr);
  for (auto group = named.rbegin(); group != named.rend(); ++group) {
    map_pointer<pkgCache::Group>& bucket = by_name[cache.Hash(group->Name())];
    cache.GrpP[group->Index()].Next = bucket;
    bucket = group->MapPointer();
  }
  for (auto group = members.rbegin(); group != members.rend(); ++group) {
    if ((*group)->FirstPackage == nullptr) continue;
    (cache.PkgP + (*group)->LastPackage)->NextPackage = packages[0];
    packages[0] = (*group)->FirstPackage;
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

// Numbers the packages anew, so that libapt-pkg's tables of all packages, which it clears and fills
// several times, hold those that it can reach from members and no others.
class PackageNumbers {
 public:
  explicit PackageNumbers(pkgCache& cache)
      : cache_(cache), is_numbered_(cache.HeaderP->GroupCount) {}

  void number_all(const RelevantGroups& groups) {
    for (const pkgCache::GrpIterator& group : groups.members()) {
      number(group);
      for (auto package = group.PackageList(); !package.end(); package = group.NextPkg(package)) {
        for (auto version = package.VersionList(); !version.end(); ++version)
          number_named_by(version);
      }
    }
    // A plan goes through what is built of the same source.
    for (const pkgCache::GrpIterator& source : groups.named()) {
      number(source);
      for (auto built = source.VersionsInSource(); !built.end(); built = built.NextInSource())
        number(built.ParentPkg());
    }
    while (!unexpanded_.empty()) {
      const pkgCache::GrpIterator group = unexpanded_.back();
      unexpanded_.pop_back();
      for (auto package = group.PackageList(); !package.end(); package = group.NextPkg(package)) {
        package->ID = count_++;
        for (auto provides = package.ProvidesList(); !provides.end(); ++provides)
          number(provides.OwnerPkg());
      }
    }
    cache_.HeaderP->PackageCount = count_;
  }

 private:
  void number_named_by(const pkgCache::VerIterator& version) {
    for (auto dependency = version.DependsList(); !dependency.end(); ++dependency)
      number(dependency.TargetPkg());
    for (auto provides = version.ProvidesList(); !provides.end(); ++provides)
      number(provides.ParentPkg());
  }

  void number(const pkgCache::PkgIterator& package) { number(package.Group()); }

  void number(const pkgCache::GrpIterator& group) {
    if (is_numbered_[group->ID]) return;
    is_numbered_[group->ID] = true;
    unexpanded_.push_back(group);
  }

  pkgCache& cache_;
  std::vector<bool> is_numbered_;
  std::vector<pkgCache::GrpIterator> unexpanded_;
  map_id_t count_ = 0;
};

}  // namespace

void leave_only_relevant(pkgCache& cache) {
  const RelevantGroups groups(cache);
  relink_tables(cache, groups);
  relink_reverse_dependencies(cache, groups);
  PackageNumbers(cache).number_all(groups);
}

}  // namespace muster::packages_apt
