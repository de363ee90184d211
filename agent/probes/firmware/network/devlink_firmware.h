// Which of a device's versions is that of its firmware, and which will run after the next reset.
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "agent/probes/firmware/network/devlink.h"

namespace muster::firmware {

struct DevlinkFirmware {
  // Of which of its versions the two below are: "fw". Empty: none of them is a firmware's.
  std::string name;
  // Empty: it is not told.
  std::string running;
  // What runs after the next reset, where that is another; empty: nothing waits, if the next is
  // set.
  std::string next;
  // Whether the driver tells what is stored of it.
  bool tells_next = false;
};

// The first of these that runs, else the first that is stored:
//   fw            the whole, where a driver has a version of that;
//   fw.version    the same, as mlxsw and mlx5 name it
//                 (Documentation/networking/devlink/mlx5.rst);
//   fw.mgmt       what the adapter runs on its control unit (ice, i40e, nfp, netdevsim), and what
//                 makers' notes are about where there is no whole;
//   fw.bundle_id  the package that was flashed: after those, as it goes away once one part is
//                 updated alone, and names nothing that a reader could compare (ice: "0x80017785");
//   fw.app        the data path's, loaded from the host's disk with some.
// Parts that run beside it (fw.undi, fw.ncsi, fw.roce) and what is no version of a program
// (fw.psid,
// *.api) are never taken for it.
DevlinkFirmware firmware_of(const DevlinkDevice& device);

// A part of the firmware that another version waits for.
struct WaitingVersion {
  std::string name;
  std::string running;
  std::string stored;
};

// All "fw" and "fw.*" that both run and are stored, with versions that differ, as they are listed.
std::vector<WaitingVersion> waiting_of(const DevlinkDevice& device);

}  // namespace muster::firmware
