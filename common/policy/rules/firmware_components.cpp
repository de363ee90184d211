#include "common/policy/rules/firmware_components.h"

#include "common/firmware/baseline.h"
#include "common/policy/rules/every_rule.h"
#include "common/text.h"
#include "muster/v1/host_facts.pb.h"

namespace muster::policy {

std::string subject_of(const v1::FirmwareComponent& component) {
  std::string subject(firmware::kind_name(component.kind()));
  if (!component.name().empty()) subject += " " + printable(component.name(), 128);
  return subject;
}

bool is_no_machine(const RuleInput& input) {
  const SectionState* const section = input.section(kHostProbe);
  if (section == nullptr || section->facts_type != v1::HostFacts::descriptor()->full_name())
    return false;
  const auto* const facts = input.facts.get<v1::HostFacts>(*section);
  return facts != nullptr && (facts->virtualization() == v1::VIRTUALIZATION_VIRTUAL_MACHINE ||
                              facts->virtualization() == v1::VIRTUALIZATION_CONTAINER);
}

}  // namespace muster::policy
