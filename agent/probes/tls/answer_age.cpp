#include "agent/probes/tls/answer_age.h"

#include <fmt/format.h>

#include "common/timestamp.h"

namespace muster::tls {

std::string why_not_now(TimePoint made, std::optional<TimePoint> end, TimePoint now) {
  if (made > now + kMostAhead) return fmt::format("is of {}, which is to come", to_iso8601(made));
  if (end && *end < now) return fmt::format("ended at {}", to_iso8601(*end));
  if (!end && made < now - kWithoutEnd) {
    return fmt::format("is of {}, and says no end: it counts for 7 days", to_iso8601(made));
  }
  return {};
}

}  // namespace muster::tls
