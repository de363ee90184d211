// Firmware as the machine itself lists it in SMBIOS: of the system, its embedded controller, its
// management controller, and what the list of version 3.5 has besides. Pure; any thread.
#pragma once

#include <vector>

#include "agent/probes/firmware/smbios/smbios.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::firmware {

// What makers leave in fields that they did not fill is left out.
std::vector<v1::FirmwareComponent> machine_firmware(const smbios::Smbios& table);

}  // namespace muster::firmware
