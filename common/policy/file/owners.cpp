#include "common/policy/file/owners.h"

#include <utility>

namespace muster::policy {

std::vector<Owner> read_owners(std::vector<YamlMap>& maps, SelectorReader& selectors) {
  TakenNames taken("the team");
  std::vector<Owner> owners;
  owners.reserve(maps.size());
  for (YamlMap& map : maps) {
    Owner owner;
    owner.place.text = map.place();
    owner.team = require_text(map, "team", kLongestId);
    if (!owner.team.empty()) taken.take(map, "team", owner.team);
    owner.match = selectors.require_at(map, "match", "");
    owner.contact = read_text(map, "contact");
    owner.escalation = read_text(map, "escalation");
    owners.push_back(std::move(owner));
  }
  return owners;
}

}  // namespace muster::policy
