// What a look at one source of firmware gives.
#pragma once

#include <vector>

#include "muster/v1/firmware_facts.pb.h"

namespace muster::firmware {

// Firmware, by name, and what exists and could not be read of the source.
struct Found {
  std::vector<v1::FirmwareComponent> components;
  std::vector<v1::UnreadableSource> unreadable;
};

}  // namespace muster::firmware
