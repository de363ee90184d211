// Pieces of firmware as subjects of verdicts. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/policy/rules/machine.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::policy {

// "bios", "nvme nvme0": printable, and short enough for a line.
std::string subject_of(const v1::FirmwareComponent& component);

// machine_summary of pieces of firmware.
std::string firmware_summary(const std::vector<Judgement>& judgements, std::string_view are_unmet,
                             std::string_view are_met);

}  // namespace muster::policy
