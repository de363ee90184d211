// state_directory/leases: the targets that an agent held when it ended, for the next one of the
// same boot. It never extends a lease, and is used once. Calls block.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

#include "agent/targets/held_target.h"
#include "agent/targets/lease_clock.h"
#include "common/clock.h"

namespace muster::agent {

struct KeptLeases {
  // In uptime.
  Duration end{0};
  GridClock clock;
  std::vector<HeldTarget> targets;
};

// As bytes; pure. DataLoss if they are not what seal_leases gave, FailedPrecondition if they are of
// another boot.
std::string seal_leases(const KeptLeases& leases, std::string_view boot_id);
absl::StatusOr<KeptLeases> unseal_leases(std::string_view bytes, std::string_view boot_id);

std::string leases_path(const std::string& state_directory);
// The kernel's name for the time since this machine started; empty if it has none.
std::string read_boot_id();

// Mode 0600.
absl::Status write_leases(const std::string& state_directory, const KeptLeases& leases);
// What was left, and the file is gone. NotFound: nothing was. Else as unseal_leases.
absl::StatusOr<KeptLeases> take_leases(const std::string& state_directory);

}  // namespace muster::agent
