// What runs on a component, held against the baselines of its site. Pure; any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/firmware/baseline.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::firmware {

enum class BaselineState {
  // No entry is about it: neither good nor bad.
  kNoEntry,
  // Good: one of the approved versions runs, or at least the minimum.
  kApproved,
  kAtLeastMinimum,
  // What runs is not good, but what runs after the next start is: it waits for that alone.
  kStaged,
  // What runs is good, but what runs after the next start is not.
  kStagedAway,
  // Not good: older than the minimum; none of the approved, where there is no minimum; forbidden.
  kBelow,
  kNotApproved,
  kForbidden,
  // One of these, also staged, but the entry is required only from a later day on.
  kNotYetRequired,
  // The version that runs is not known, or cannot be held against those of the entry. Never good,
  // whatever waits, and on every day.
  kUnknown,
  kNotComparable,
};

// "below".
std::string_view state_name(BaselineState state);
// What runs is as it should be, and stays so after the next start.
bool is_good(BaselineState state);

struct BaselineVerdict {
  BaselineState state = BaselineState::kNoEntry;
  // Whole: "runs 2.14.0, older than the minimum 2.17.0; boots 2.19.1 next, at least the minimum
  // 2.17.0 (baseline r640-bios)".
  std::string words = {};
  // "boots 2.19.1 next"; empty: nothing is known to wait.
  std::string staged = {};
  // Of the entry; empty: there is none.
  std::string entry = {};
};

BaselineVerdict judge(const Baseline& baseline, const v1::FirmwareComponent& component,
                      std::chrono::sys_days today);

}  // namespace muster::firmware
