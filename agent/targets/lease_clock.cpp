#include "agent/targets/lease_clock.h"

#include <algorithm>

#include "common/timestamp.h"

namespace muster::agent {
namespace {

constexpr int64_t kEndOfYear9999 = 253'402'300'799;
// Uptimes are read to the microsecond below: what came, came less than this later.
constexpr Duration kTick(1);

}  // namespace

std::optional<TimePoint> believable_time(const google::protobuf::Timestamp& time) {
  if (time.seconds() <= 0 || time.seconds() > kEndOfYear9999) return std::nullopt;
  return from_proto(time);
}

std::optional<AnswerClock> AnswerClock::of(const google::protobuf::Timestamp& server_time,
                                           const ReportTimes& times) {
  const std::optional<TimePoint> time = believable_time(server_time);
  if (!time || times.came < times.sent) return std::nullopt;
  return AnswerClock(*time, times);
}

Duration AnswerClock::earliest(TimePoint time) const {
  return times_.sent + std::min<Duration>(time - server_time_, kLongestLease);
}

Duration AnswerClock::latest(TimePoint time) const {
  return times_.came + kTick + (time - server_time_);
}

void GridClock::take(const AnswerClock& answer) {
  const TimePoint low = answer.server_time_ - answer.times_.came;
  const TimePoint high = answer.server_time_ - answer.times_.sent;
  zero_ = std::clamp(zero_.value_or(low + (high - low) / 2), low, high);
}

}  // namespace muster::agent
