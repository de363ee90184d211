// Which refusals are worth a line in the log: a host that is wrong is wrong every minute, and says
// so once an hour for each reason. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "common/clock.h"

namespace muster::collector {

class RejectionLog {
 public:
  // Remembers at most `limit` pairs; what comes beyond is not logged until some are an hour old.
  explicit RejectionLog(size_t limit = 10'000) : limit_(limit) {}

  bool should_log(std::string_view host, std::string_view reason, TimePoint now);

 private:
  const size_t limit_;
  std::mutex mutex_;
  // When it was last logged. Guarded by mutex_.
  std::map<std::pair<std::string, std::string>, TimePoint> logged_;
};

}  // namespace muster::collector
