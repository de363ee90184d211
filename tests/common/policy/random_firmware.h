// Firmware as it may be, and baselines that ask for some of it, for random_world.h.
#pragma once

#include "common/firmware/baseline.h"
#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/fwupd_facts.pb.h"
#include "tests/common/policy/random_world.h"

namespace muster::testing {

v1::FirmwareFacts random_firmware(RandomWorld& world);
v1::FwupdFacts random_fwupd(RandomWorld& world);
firmware::Baseline random_baselines(RandomWorld& world);

}  // namespace muster::testing
