#include "common/policy/file/groups.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace muster::policy {
namespace {

using Indices = std::map<std::string, size_t, std::less<>>;

// The groups that a selector names, and what is within `not`.
void collect_groups(const Selector& selector, std::vector<size_t>& named) {
  named.insert(named.end(), selector.groups.begin(), selector.groups.end());
  for (const Selector& except : selector.except)
    collect_groups(except, named);
}

void renumber(Selector& selector, const std::vector<size_t>& place_of) {
  for (size_t& group : selector.groups)
    group = place_of[group];
  for (Selector& except : selector.except)
    renumber(except, place_of);
}

// Walks from each group to those that it names, and puts it behind them.
class GroupOrder {
 public:
  GroupOrder(const std::vector<Group>& groups, std::vector<YamlMap>& maps)
      : groups_(groups), maps_(maps), state_(groups.size(), State::kNew) {
    for (size_t i = 0; i < groups.size(); ++i)
      visit(i);
  }
  // Indices, those that are named first.
  const std::vector<size_t>& sorted() const { return sorted_; }

 private:
  enum class State { kNew, kOnTheWay, kDone };

  void visit(size_t index) {
    if (state_[index] == State::kOnTheWay) complain_of_circle(index);
    if (state_[index] != State::kNew) return;
    state_[index] = State::kOnTheWay;
    way_.push_back(index);
    std::vector<size_t> named;
    for (const Selector& selector : groups_[index].any_of)
      collect_groups(selector, named);
    for (const size_t next : named)
      visit(next);
    way_.pop_back();
    state_[index] = State::kDone;
    sorted_.push_back(index);
  }

  void complain_of_circle(size_t index) {
    std::vector<std::string> names;
    for (auto at = std::find(way_.begin(), way_.end(), index); at != way_.end(); ++at)
      names.push_back(groups_[*at].name);
    names.push_back(groups_[index].name);
    maps_[index].complain("name",
                          fmt::format("the groups name each other in a circle: {}: take one of "
                                      "them out",
                                      fmt::join(names, " -> ")));
  }

  const std::vector<Group>& groups_;
  std::vector<YamlMap>& maps_;
  std::vector<State> state_;
  std::vector<size_t> way_;
  std::vector<size_t> sorted_;
};

Group read_group(YamlMap& map, std::string name, SelectorReader& selectors) {
  Group group;
  group.name = std::move(name);
  group.title = read_text(map, "title");
  group.place.text = map.place();
  map.require("any_of");
  if (map.size("any_of") > kMostSelectorsOfGroup) {
    map.complain("any_of", fmt::format("a group has at most {} selectors", kMostSelectorsOfGroup));
    return group;
  }
  for (YamlMap& selector : map.maps("any_of"))
    group.any_of.push_back(selectors.read(selector, ""));
  if (map.has("any_of") && map.size("any_of") == 0 && !map.is_blank("any_of")) {
    map.complain("any_of", "a group without selectors has no host: give it one, or remove it");
  }
  return group;
}

}  // namespace

std::vector<Group> read_groups(std::vector<YamlMap>& maps, SelectorReader& selectors) {
  TakenNames taken("the group");
  std::vector<std::string> names;
  Indices indices;
  for (YamlMap& map : maps) {
    names.push_back(read_id(map, "name"));
    if (names.back().empty()) continue;
    taken.take(map, "name", names.back());
    indices.emplace(names.back(), names.size() - 1);
  }
  selectors.set_groups(indices);
  std::vector<Group> groups;
  groups.reserve(maps.size());
  for (size_t i = 0; i < maps.size(); ++i)
    groups.push_back(read_group(maps[i], names[i], selectors));

  const std::vector<size_t> order = GroupOrder(groups, maps).sorted();
  std::vector<size_t> place_of(groups.size());
  for (size_t i = 0; i < order.size(); ++i)
    place_of[order[i]] = i;
  std::vector<Group> sorted;
  sorted.reserve(groups.size());
  for (const size_t index : order) {
    for (Selector& selector : groups[index].any_of)
      renumber(selector, place_of);
    sorted.push_back(std::move(groups[index]));
  }
  for (auto& [name, index] : indices)
    index = place_of[index];
  selectors.set_groups(std::move(indices));
  return sorted;
}

}  // namespace muster::policy
