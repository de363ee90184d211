// How disks fare, from what they answered when muster-device-answers asked them (the group
// "hardware"). Temperature and hours are left out: they move with each look. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "agent/probes/hardware/machine_files.h"
#include "agent/probes/hardware/parts/disks.h"
#include "agent/probes/host_answers.h"

namespace muster::hardware {

// A disk that refuses for it has no such thing to tell is not noted: its health says what it does
// tell, and is absent where that is nothing. One that did not answer, or not what makes sense, is
// noted, once for all of which the same is to be said; so is that nobody was asked. Disks of a
// hypervisor have no health.
void add_health(const probe::HostAnswers& answers, std::vector<FoundDisk>& disks,
                MachineFiles& files);

}  // namespace muster::hardware
