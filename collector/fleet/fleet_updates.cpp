// What waits on hosts, for the API.
#include <algorithm>
#include <iterator>
#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"
#include "collector/fleet/host_updates.h"
#include "collector/fleet/update_tally.h"

namespace muster::collector {

absl::StatusOr<v1::HostUpdates> Fleet::host_updates(std::string_view name) const {
  const std::optional<std::string> id = id_of(name);
  HostUpdatesInput input{.name = std::string(name), .now = clock_.now()};
  const bool found =
      id && with_host(*id, [&input](const Host& host) {
        const std::vector<SectionState>& sections = host.sections.states();
        std::copy_if(sections.begin(), sections.end(), std::back_inserter(input.sections),
                     is_of_packages);
        input.memory = host.first_seen;
        input.policy = host.judged_by;
        if (input.policy == nullptr) return;
        policy::Evaluation evaluation =
            policy::evaluate(host.view(), host.first_seen, *input.policy, input.now);
        std::copy_if(
            std::make_move_iterator(evaluation.verdicts.begin()),
            std::make_move_iterator(evaluation.verdicts.end()), std::back_inserter(input.verdicts),
            [](const v1::Verdict& verdict) { return asks_for_security_updates(verdict.rule()); });
      });
  if (!found) return no_such_entity(name);
  // Reports of other hosts need not wait for the rest.
  return make_host_updates(input);
}

v1::UpdateList Fleet::list_updates() const {
  UpdateTally tally(clock_.now());
  for (const std::string& id : ids_by_name()) {
    with_host(id, [&tally](const Host& host) {
      std::span<const policy::Control> controls;
      if (host.judged_by != nullptr) controls = host.judged_by->controls;
      tally.add({.name = host.record.name,
                 .sections = host.sections.states(),
                 .memory = host.first_seen,
                 .controls = controls});
    });
  }
  return tally.take();
}

}  // namespace muster::collector
