// Which devices this host has, and what each is asked: commands that read and change nothing, all
// of them here and in ask_device.h. Of nothing but libc and libcap, since the privileged program
// links it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/asking/tasks.h"

namespace muster::answers {

// By the byte that an order is.
enum class DeviceGroup : char {
  // What a device runs, and what it will after the next reset.
  kFirmware = 'f',
  // How it fares.
  kHardware = 'h',
};

// "firmware", "hardware": also the names of the probes. Empty of any other byte.
std::string_view name_of(DeviceGroup group);

// Where devices are found: a test's own in a test.
struct DevicePlaces {
  std::string sys = "/sys";
  std::string dev = "/dev";
};

// Of each kind the first, by name; of what is left out an answer that is kTooLong says how many:
// "sd/left-out".
inline constexpr size_t kMostDrives = 256;
inline constexpr size_t kMostAdapters = 256;
inline constexpr size_t kMostMappings = 128;
inline constexpr size_t kMostControllers = 4;

// The answers of a group are, in this order:
//   firmware   nvme0/identify, nvme0/firmware-slots    what NVMe calls so
//              ipmi0/device-id, ipmi0/event-log        the response, its completion code first
//              devlink                                 messages: the family's, then all devices'
//              eth0/driver                             struct ethtool_drvinfo, of adapters alone
//   hardware   nvme0/identify, nvme0/health            what NVMe calls so
//              sda/smart-status, sda/solid-state       of a disk that speaks ATA: the registers as
//                                                      sense data (standard error), log 04h page
//                                                      07h
//              sda/warnings                            of any other: log page 2Fh
//              dm-0/status                             struct dm_ioctl and what follows it
// The status of an answer is what the device said, 0 if it did as it was asked; what it said of a
// refusal is its standard error. A disk that has stopped to save power is kAbsent with EAGAIN, and
// one without logs with EOPNOTSUPP.
std::vector<Task> device_tasks(DeviceGroup group, const DevicePlaces& places);

}  // namespace muster::answers
