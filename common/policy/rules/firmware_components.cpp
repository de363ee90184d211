#include "common/policy/rules/firmware_components.h"

#include "common/firmware/baseline.h"
#include "common/text.h"

namespace muster::policy {

std::string subject_of(const v1::FirmwareComponent& component) {
  std::string subject(firmware::kind_name(component.kind()));
  if (!component.name().empty()) subject += " " + printable(component.name(), 128);
  return subject;
}

std::string firmware_summary(const std::vector<Judgement>& judgements, std::string_view are_unmet,
                             std::string_view are_met) {
  return machine_summary(judgements, "pieces of firmware", are_unmet, are_met);
}

}  // namespace muster::policy
