// A machine and the only array on it, for tests of each kind.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "agent/probes/hardware/arrays/arrays.h"
#include "tests/agent/probes/hardware/hardware_machine.h"

namespace muster::hardware {

class ArraysTest : public ::testing::Test {
 protected:
  // The only array that is found.
  v1::RedundantArray only(const Arrays& arrays) {
    EXPECT_EQ(arrays.size(), 1);
    return arrays.empty() ? v1::RedundantArray() : arrays.front();
  }
  v1::RedundantArray md() {
    MachineFiles files(machine_->root(), unreadable_);
    return only(look_at_md(files));
  }
  v1::RedundantArray bond() {
    MachineFiles files(machine_->root(), unreadable_);
    return only(look_at_bonds(files));
  }
  Arrays zfs() {
    MachineFiles files(machine_->root(), unreadable_);
    return look_at_zfs(files);
  }
  Arrays btrfs() {
    MachineFiles files(machine_->root(), unreadable_);
    return look_at_btrfs(files);
  }

  std::optional<test::HardwareMachine> machine_{std::in_place};
  std::vector<v1::UnreadableSource> unreadable_;
};

}  // namespace muster::hardware
