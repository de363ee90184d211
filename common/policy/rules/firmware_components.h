// Pieces of firmware as subjects of verdicts. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/rules.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::policy {

// "bios", "nvme nvme0": printable, and short enough for a line.
std::string subject_of(const v1::FirmwareComponent& component);

// One sentence over all subjects, of which those that are not applicable do not count: the worst of
// them, named. `are_unmet`, `are_met`: what is said of several, "are not as the baselines ask";
// `subjects`: what they are, where not all are pieces of firmware.
std::string firmware_summary(const std::vector<Judgement>& judgements, std::string_view are_unmet,
                             std::string_view are_met,
                             std::string_view subjects = "pieces of firmware");

// Whether it is known that the host is a virtual machine or a container: its firmware is its
// host's.
bool is_no_machine(const RuleInput& input);
// Whether it is known that it is a container, whose kernel is its host's as well.
bool is_container(const RuleInput& input);

// What could not be read of `path` or beneath it, as a judgement that says so; none: all could.
std::optional<Judgement> judge_unread(const v1::FirmwareFacts& facts, std::string_view path);

}  // namespace muster::policy
