// Firmware of what is plugged in, as far as drivers tell it in sysfs and procfs: RAID and host bus
// adapters, graphics processors, trusted platform modules. What is there and of which no version is
// told is in the list without one: not known is not current. Calls block; any thread.
#pragma once

#include <string>
#include <vector>

#include "muster/v1/firmware_facts.pb.h"

namespace muster::firmware {

// Of each of these: more than any machine has slots.
inline constexpr size_t kMostAdapters = 256;

// Adapters and what could not be read of them.
struct Adapters {
  // By name.
  std::vector<v1::FirmwareComponent> components;
  std::vector<v1::UnreadableSource> unreadable;
};

// `root` as in a checked request. Of the SCSI hosts of one adapter one stands for all.
Adapters look_at_storage_controllers(const std::string& root);
Adapters look_at_graphics(const std::string& root);
Adapters look_at_tpms(const std::string& root);

}  // namespace muster::firmware
