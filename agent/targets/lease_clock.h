// The collector's clock as this machine can know it: by the times in answers, and by its own uptime
// (CLOCK_BOOTTIME), which goes on while it sleeps and which nobody sets. Pure; any thread.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <optional>

#include "agent/sync/report_times.h"
#include "common/clock.h"

namespace muster::agent {

// What one answer says: the collector's clock showed `server_time` at some moment after the report
// was sent and before the answer came. For a lease each end is taken at its safe side.
class AnswerClock {
 public:
  // Nothing if the time is absent or of no year that a clock shows.
  static std::optional<AnswerClock> of(const google::protobuf::Timestamp& server_time,
                                       const ReportTimes& times);

  // The least uptime at which it can be that time at the collector: where a lease ends. At most
  // kLongestLease after the report was sent.
  Duration earliest(TimePoint time) const;
  // The greatest: where a lease begins.
  Duration latest(TimePoint time) const;

 private:
  friend class GridClock;
  AnswerClock(TimePoint server_time, const ReportTimes& times)
      : server_time_(server_time), times_(times) {}

  TimePoint server_time_;
  ReportTimes times_;
};

// The longest lease that is believed: the longest that collector.yml takes, and some more.
inline constexpr Duration kLongestLease = std::chrono::hours(25);

// A time that a collector can mean; nothing for one that is absent or outside 1970 to 9999.
std::optional<TimePoint> believable_time(const google::protobuf::Timestamp& time);

// The clock that looks go by, on which nothing depends but their regularity: it stays as it is for
// as long as the answers allow, so that a slow answer does not shift it, and else moves by no more
// than it must.
class GridClock {
 public:
  void take(const AnswerClock& answer);
  // It shows this now.
  void set(TimePoint now, Duration uptime) { zero_ = now - uptime; }

  bool is_set() const { return zero_.has_value(); }
  TimePoint at(Duration uptime) const { return zero_.value_or(TimePoint()) + uptime; }
  Duration uptime_at(TimePoint time) const { return time - zero_.value_or(TimePoint()); }

 private:
  // What it showed when the machine started.
  std::optional<TimePoint> zero_;
};

}  // namespace muster::agent
