// What devices answered when muster-device-answers asked them, laid over what sysfs tells of them:
// sysfs has what a driver read when it found a device, which firmware that was changed since makes
// untrue, and tells nothing of what waits. An answer that did not come, or makes no sense, leaves
// what sysfs says and is noted in `unreadable`. Blocks for files below `root` only; any thread.
#pragma once

#include <string>
#include <vector>

#include "agent/probes/firmware/found.h"
#include "agent/probes/host_answers.h"

namespace muster::firmware {

// Of drives at NVMe that sysfs told of: what runs, and what will after the next reset.
void add_answers_of_nvme_drives(const probe::HostAnswers& answers, Found& drives);

// Of network adapters: by devlink, else as their driver tells it. To those that sysfs told of, by
// their address, come all others that have firmware; of virtual functions only the adapter itself.
void add_answers_of_network_adapters(const probe::HostAnswers& answers, const std::string& root,
                                     Found& adapters);

// Of management controllers that sysfs told of: who made them and what they run, as their maker
// writes it; and how full their logs of events are.
void add_answers_of_management_controllers(const probe::HostAnswers& answers, Found& controllers,
                                           std::vector<v1::EventLog>& event_logs);

}  // namespace muster::firmware
