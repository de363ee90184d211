// Which repositories offer which versions of a package, and whose they are. Pure; any thread.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/probes/packages_apk/apk_snapshot.h"

namespace muster::packages_apk {

struct Offer {
  const ApkPackage* package = nullptr;
  // Index into ApkSnapshot::repositories.
  size_t repository = 0;
};

// The newest version above the installed one that apk may choose.
struct Candidate {
  const ApkPackage* package = nullptr;
  // The repositories that offer it; indices into ApkSnapshot::repositories.
  std::vector<size_t> repositories;
  // Whether the world keeps it out. Then nothing that it lets in is newer than what is installed.
  bool is_held_back = false;
};

// It refers to the snapshot, which outlives it.
class Offers {
 public:
  // Whether this package tells whose its repository is.
  static bool is_base_layout(std::string_view name);

  explicit Offers(const ApkSnapshot& snapshot);

  std::span<const Offer> of(std::string_view name) const;

  // Its package is null where nothing newer is offered. A repository with a tag counts for those
  // that the world takes from it, or that were taken from it before.
  Candidate candidate_for(const ApkPackage& installed) const;

  // A repository is the distribution's if it lies beside the one with the base layout
  // ("alpine-baselayout"), as v3.20/community beside v3.20/main. Without any, nothing is known.
  bool knows_distribution() const { return !distribution_.empty(); }
  bool is_distribution(size_t repository) const;

  // The repositories that the installed version can be from: those that offer it, or else, because
  // they have gone on, those that offer any other.
  std::set<size_t> sources_of(const ApkPackage& installed) const;

 private:
  const ApkSnapshot& snapshot_;
  std::unordered_map<std::string_view, std::vector<Offer>> by_name_;
  // What the distribution's repositories have in common: parent_of.
  std::set<std::string> distribution_;
};

}  // namespace muster::packages_apk
