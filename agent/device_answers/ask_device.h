// How a child process of muster-device-answers asks one device one thing: it writes what it hears
// to standard output as it comes, and what a disk says of a refusal to standard error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "agent/asking/tasks.h"

namespace muster::answers {

// Whatever is read by one command is no longer.
inline constexpr size_t kMostOfReply = 16384;

// Get Log Page or Identify to a controller at NVMe: its first dword beside the opcode. The status
// is NVMe's own.
struct NvmeCommand {
  uint8_t opcode = 0;
  uint32_t dword10 = 0;
  size_t bytes = 0;
};
Ending ask_nvme(const std::string& device, const NvmeCommand& command);

// A command that reads `bytes`, or none; sent again if the disk first says what happened to it. The
// status is SCSI's own.
Ending ask_scsi(const std::string& device, std::span<const uint8_t> command, size_t bytes);
// A command in an ATA PASS-THROUGH (16), after the disk was asked whether it has stopped, which
// wakes none: then nobody is asked. Nor for a log, READ LOG EXT, of which the disk does not say
// that it has any.
Ending ask_ata(const std::string& device, std::span<const uint8_t> command, size_t bytes);

// A command without data to the management controller of this host. The status is 0: the response
// has its own.
Ending ask_ipmi(const std::string& device, uint8_t network_function, uint8_t command);

// All devices that the kernel's devlink knows.
Ending ask_devlink();
// What the driver of this interface tells of itself.
Ending ask_driver(const std::string& interface);

// The state of a mapping, as its targets tell it, without having them write anything first.
Ending ask_mapping(const std::string& control, const std::string& name);

}  // namespace muster::answers
