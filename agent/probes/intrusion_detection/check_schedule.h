// Whether the checks of a product that looks when it is told to happen by themselves. Calls block;
// any thread.
#pragma once

#include <initializer_list>
#include <string_view>

#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

// By a timer of systemd's or a job of cron that calls one of the programs. Sets checks_scheduled,
// or says why that cannot be told.
void tell_check_schedule(const protection::ProductLook& look,
                         std::initializer_list<std::string_view> programs,
                         v1::ProtectionProduct& product);

}  // namespace muster::intrusion_detection
