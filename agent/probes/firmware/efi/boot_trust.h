// What UEFI starts: whether signed programs alone, whose signatures count, which are revoked. Calls
// block; any thread.
#pragma once

#include <string>

#include "agent/probes/firmware/found.h"

namespace muster::firmware {

struct BootTrust {
  v1::SecureBoot secure_boot;
  // The list of revoked programs as a piece of firmware, and what could not be read.
  Found found;
};

// `root` as in a checked request. The state is unspecified where nothing is told of it: in a
// container that hides the firmware, with a kernel that does not ask it, without efivarfs.
BootTrust look_at_boot_trust(const std::string& root);

}  // namespace muster::firmware
