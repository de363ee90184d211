#include "agent/targets/look_allowance.h"

#include <algorithm>

#include "agent/targets/look_distance.h"

namespace muster::agent {
bool LookAllowance::has_room(Duration booked, uint32_t per_second, Duration now) const {
  return booked - now <= std::max(rates_.window - look_distance(per_second), Duration(0));
}

void LookAllowance::forget() {
  all_ = Duration(0);
  hosts_.clear();
}

bool LookAllowance::take(std::string_view host, Duration now) {
  if (!any(now)) return false;
  const auto found = hosts_.find(host);
  const Duration booked = found == hosts_.end() ? now : std::max(found->second, now);
  if (!has_room(booked, rates_.per_host_per_second, now)) return false;
  all_ = std::max(all_, now) + look_distance(rates_.per_second);
  const Duration next = booked + look_distance(rates_.per_host_per_second);
  if (found != hosts_.end()) {
    found->second = next;
    return true;
  }
  if (hosts_.size() >= forget_at_) {
    std::erase_if(hosts_, [now](const auto& one) { return one.second <= now; });
    forget_at_ = std::max(kManyHosts, 2 * hosts_.size());
  }
  hosts_.emplace(host, next);
  return true;
}

}  // namespace muster::agent
