#include "collector/targets/lease_clock.h"

#include <utility>

namespace muster::collector {
namespace {

// Less is no step, and well within the margin between two holders.
constexpr Duration kStep = std::chrono::milliseconds(100);

bool is_same_boot(const Clock& clock, const std::string& boot_id, const LeaseHorizon& last) {
  return !boot_id.empty() && boot_id == last.boot_id && clock.uptime() >= last.uptime;
}

TimePoint start_of(const Clock& clock, bool goes_on, const std::optional<LeaseHorizon>& last) {
  if (!last) return clock.now();
  return goes_on ? last->set_at + (clock.uptime() - last->uptime) : last->set_at;
}

}  // namespace

LeaseClock::LeaseClock(const Clock& clock, std::string boot_id,
                       const std::optional<LeaseHorizon>& last)
    : clock_(clock),
      boot_id_(std::move(boot_id)),
      goes_on_(last && is_same_boot(clock, boot_id_, *last)),
      start_uptime_(clock.uptime()),
      start_(start_of(clock, goes_on_, last)),
      offset_(clock.now() - start_) {}

bool LeaseClock::follow() {
  const Duration offset = clock_.now() - now();
  if (offset - offset_ < kStep && offset_ - offset < kStep) return false;
  offset_ = offset;
  return true;
}

LeaseHorizon LeaseClock::horizon(TimePoint ends) const {
  const Duration uptime = clock_.uptime();
  return {.ends = ends,
          .set_at = start_ + (uptime - start_uptime_),
          .uptime = uptime,
          .boot_id = boot_id_};
}

}  // namespace muster::collector
