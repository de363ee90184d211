// Pieces of firmware as subjects of verdicts. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/policy/rules.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::policy {

// "bios", "nvme nvme0": printable, and short enough for a line.
std::string subject_of(const v1::FirmwareComponent& component);

// One sentence over all subjects, of which those that are not applicable do not count: the worst of
// them, named. `are_unmet`, `are_met`: what is said of several, "are not as the baselines ask".
std::string firmware_summary(const std::vector<Judgement>& judgements, std::string_view are_unmet,
                             std::string_view are_met);

// Whether it is known that the host is a virtual machine or a container: its firmware is its
// host's.
bool is_no_machine(const RuleInput& input);

}  // namespace muster::policy
