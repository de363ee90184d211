// What is asked of the calendar: how far ahead, of which kinds, of whom. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/expiry/expiry_kind.h"
#include "common/clock.h"
#include "common/labels.h"

namespace muster::collector {

enum class ExpiryFormat { kJson, kCalendar, kCsv };

// How far ahead, where nothing is said.
inline constexpr Duration kUsualWithin = std::chrono::days(90);

struct ExpiryQuery {
  TimePoint now;
  // What ends from then on; nothing: what has ended and is still there, too.
  std::optional<TimePoint> after = std::nullopt;
  // What ends before it, or then.
  TimePoint until;
  ExpiryKinds kinds = ExpiryKinds::all();
  // Empty: anybody's; "" in it: nobody's.
  std::set<std::string, std::less<>> owners = {};
  // Each of them, with one of its values.
  std::map<std::string, std::set<std::string>> labels = {};
  ExpiryFormat format = ExpiryFormat::kJson;

  bool wants(TimePoint ends) const { return ends <= until && (!after || *after <= ends); }
  bool wants(std::string_view owner, const Labels& of) const;
};

// The parameters of a URL, decoded: within=90d, after=now or after=2026-11-01, kind, owner and
// label (each again for more: kind=domain&kind=certificate, label=role=web), format=json|ics|csv.
// `format`: that of a page which has only one. InvalidArgument: names the parameter that is wrong
// and what it may be.
//
// An iCalendar without kinds leaves out agents' certificates: agents renew them by themselves, and
// each renewal would move an event of each host.
absl::StatusOr<ExpiryQuery> parse_expiry_query(
    const std::vector<std::pair<std::string, std::string>>& parameters, TimePoint now,
    std::optional<ExpiryFormat> format = std::nullopt);

}  // namespace muster::collector
