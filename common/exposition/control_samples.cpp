#include "common/exposition/control_samples.h"

#include "common/policy/status.h"
#include "common/timestamp.h"

namespace muster::exposition {

void add_controls(SampleWriter& writer, const ControlFamilies& families, std::string_view kind,
                  std::span<const policy::Control> controls,
                  std::span<const policy::Standing> standings) {
  for (size_t i = 0; i < controls.size() && i < standings.size(); ++i) {
    const policy::Control& control = controls[i];
    const policy::Standing& standing = standings[i];
    if (!policy::selects_kind(control.applies_to, kind)) continue;
    writer.add(families.status,
               {{"control", control.id},
                {"severity", policy::severity_name(control.severity)},
                {"status", policy::status_name(standing.status)}},
               1);
    if (standing.deadline != TimePoint::max()) {
      writer.add(families.deadline, {{"control", control.id}}, to_unix_seconds(standing.deadline));
    }
    if (families.unmet_since && standing.unmet_since != TimePoint::max()) {
      writer.add(*families.unmet_since, {{"control", control.id}},
                 to_unix_seconds(standing.unmet_since));
    }
  }
}

}  // namespace muster::exposition
