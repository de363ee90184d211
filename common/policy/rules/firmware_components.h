// Pieces of firmware as subjects of verdicts. Pure; any thread.
#pragma once

#include <string>

#include "common/policy/rules.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::policy {

// "bios", "nvme nvme0": printable, and short enough for a line.
std::string subject_of(const v1::FirmwareComponent& component);

// Whether it is known that the host is a virtual machine or a container: its firmware is its
// host's.
bool is_no_machine(const RuleInput& input);

}  // namespace muster::policy
