// Everything that ends, in one list: hosts and targets are added one by one, then what the policy
// keeps by hand and the fleet's own authorities. What is kept of them is bounded, however many they
// are. Pure; not for several threads at once.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "collector/expiry/expiry_query.h"
#include "collector/expiry/section_ends.h"
#include "collector/fleet/entity_view.h"
#include "common/policy/policy.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

// How many of each kind, so that one of which there are many leaves the others their place. Those
// that end nearest to now, before it or after, are kept.
inline constexpr size_t kMostOfAKind = 5000;

class ExpiryCalendar {
 public:
  explicit ExpiryCalendar(ExpiryQuery query, size_t most_of_a_kind = kMostOfAKind);

  // Each once; hosts before targets, both in the order of their names. The same that ends at the
  // same time on several, for the same owner, is one entry, with the first of them.
  void add(const EntityView& entity);
  void add_dates(const policy::Policy& policy);
  void add_authorities(const v1::CaStatus& status);

  v1::ExpiryList take();

 private:
  // Who has what ends.
  struct Holder {
    std::string_view name = {};
    bool is_target = false;
    std::string_view owner = {};
    const Labels& labels;
    TimePoint observed_at = {};
    // Of dates by hand, what the policy says.
    std::string_view kind_name = {};
  };
  struct Kept {
    v1::ExpiryEntry entry;
    // The last one that was counted.
    std::string holder;
  };
  // How far from now, and the id.
  using Key = std::pair<Duration, std::string>;

  void take_end(const Holder& holder, SectionEnd end);
  void keep(const Holder& holder, SectionEnd end);

  const ExpiryQuery query_;
  const size_t most_of_a_kind_;
  std::map<v1::ExpiryKind, std::map<Key, Kept>> kept_;
  v1::ExpiryList list_;
};

// How many entries the list has of each kind; those that it has not are not in it.
std::map<v1::ExpiryKind, size_t> count_by_kind(const v1::ExpiryList& list);

}  // namespace muster::collector
