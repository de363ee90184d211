// Hosts and targets as who goes through all of them sees them.
#include "collector/fleet/entity_view.h"
#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"

namespace muster::collector {

void Fleet::visit_entities(const std::function<void(const EntityView&)>& use) const {
  for (const std::string& id : ids_by_name()) {
    with_host(id, [&use](const Host& host) {
      if (host.record.identity.standing == Standing::kRevoked) return;
      const EntityView view{
          .name = host.record.name,
          .kind = host.target ? std::string_view(host.target->kind) : policy::kHostKind,
          .address = host.target ? std::string_view(host.target->address) : std::string_view(),
          .labels = host.labels,
          .owner = host.judged_by == nullptr
                       ? std::string_view()
                       : owner_of(*host.judged_by, host.scope.owner, host.labels),
          .sections = host.sections.states()};
      use(view);
    });
  }
}

}  // namespace muster::collector
