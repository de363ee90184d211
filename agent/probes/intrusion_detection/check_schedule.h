// Whether the checks of a product that looks when it is told to happen by themselves. Calls block;
// any thread.
#pragma once

#include <string_view>
#include <vector>

#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

// What of a product checks.
struct CheckCommand {
  // By their names, wherever they are.
  std::vector<std::string_view> programs;
  // Words behind them with which they do something else: "--init", "-m i".
  std::vector<std::string_view> other_uses;
};

// Whether a command line or a script has a command that checks: the program by its name or its path
// in a "bin", and none of its other uses behind it. Pure.
bool has_check(std::string_view script, const CheckCommand& check);

// By a timer of systemd's or a job of cron that checks. Sets checks_scheduled, or says why that
// cannot be told.
void tell_check_schedule(const protection::ProductLook& look, const CheckCommand& check,
                         v1::ProtectionProduct& product);

}  // namespace muster::intrusion_detection
