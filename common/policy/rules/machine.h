// What rules about a machine, its firmware and its hardware, have in common. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/rules.h"
#include "muster/v1/host_facts.pb.h"

namespace muster::policy {

// Whether it is known that the host is a virtual machine or a container: its firmware is its
// host's.
bool is_no_machine(const RuleInput& input);
// Whether it is known that it is a container, whose kernel is its host's as well.
bool is_container(const RuleInput& input);

// One sentence over all subjects, of which those that are not applicable do not count: the worst of
// them, named. `subjects`: what they are, "pieces of firmware"; `are_unmet`, `are_met`: what is
// said of several, "are not as the baselines ask".
std::string machine_summary(const std::vector<Judgement>& judgements, std::string_view subjects,
                            std::string_view are_unmet, std::string_view are_met);

// What could not be read of `path` or beneath it, as a judgement that says so; none: all could.
std::optional<Judgement> judge_unread(
    const google::protobuf::RepeatedPtrField<v1::UnreadableSource>& unreadable,
    std::string_view path);

}  // namespace muster::policy
