// Which refusals are worth a line in the log: a host that is wrong is wrong every minute, and says
// so once an hour for each reason. Any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "common/clock.h"

namespace muster::collector {

class RejectionLog {
 public:
  // Remembers at most `limit` pairs; what comes beyond is not logged until some are an hour old, so
  // that nobody can fill the log.
  explicit RejectionLog(size_t limit = 10'000) : limit_(limit) {}

  bool should_log(std::string_view host, std::string_view reason, TimePoint now);

  // How many were not logged because of the limit, since this was last asked.
  uint64_t take_omitted();

 private:
  using Pair = std::pair<std::string, std::string>;

  void forget_the_old(TimePoint now);

  const size_t limit_;
  std::mutex mutex_;
  // Below: guarded by mutex_. When each was last logged.
  std::map<Pair, TimePoint> logged_;
  // The same, the oldest first.
  std::deque<std::map<Pair, TimePoint>::iterator> by_age_;
  uint64_t omitted_ = 0;
};

}  // namespace muster::collector
