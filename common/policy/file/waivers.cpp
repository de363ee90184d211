#include "common/policy/file/waivers.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "common/duration.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

std::string read_control_id(YamlMap& map, const Policy& policy) {
  std::string id = read_id(map, "control");
  if (id.empty() || policy.find_control(id) != nullptr) return id;
  std::vector<std::string_view> known;
  for (const Control& control : policy.controls)
    known.push_back(control.id);
  const std::string hint = did_you_mean(id, known);
  map.complain("control", fmt::format("there is no control '{}'{}", id,
                                      hint.empty() ? ": a waiver is of one; remove the waiver if "
                                                     "its control is gone"
                                                   : hint));
  return id;
}

// What it is of says what it is about. `control`: null: there is no such.
Selector read_match(YamlMap& map, const Control* control, SelectorReader& selectors) {
  if (control == nullptr) return selectors.require_at(map, "match", kHostKind);
  const std::string& kind = control->applies_to.kind;
  Selector match = selectors.require_at(map, "match", kind);
  if (!selects_kind(match, kind) && !selects_kind(control->applies_to, match.kind)) {
    map.complain("match",
                 fmt::format("it is about the kind '{}', and its control {} about the kind '{}': "
                             "remove the line with 'kind'",
                             match.kind, control->id, kind));
  }
  return match;
}

void read_times(YamlMap& map, const WaiverLimit& limit, Waiver& waiver) {
  const std::optional<TimePoint> starts = require_time(map, "starts");
  const std::optional<TimePoint> ends = require_time(map, "ends");
  if (!starts || !ends) return;
  waiver.starts = *starts;
  waiver.ends = *ends;
  if (*ends <= *starts) {
    map.complain("ends", fmt::format("it ends before it starts, at {}", to_iso8601(*starts)));
  } else if (*ends - *starts > limit.time) {
    map.complain("ends",
                 fmt::format("it lasts {}, longer than the {} of waiver_limit ({}): end it by {}",
                             format_duration(*ends - *starts), format_duration(limit.time),
                             limit.place.empty() ? "as no file says another" : limit.place,
                             to_iso8601(*starts + limit.time)));
  }
}

}  // namespace

WaiverLimit read_waiver_limit(std::span<YamlMap> files) {
  WaiverLimit limit;
  TakenNames taken("the key");
  for (YamlMap& file : files) {
    if (!file.has("waiver_limit")) continue;
    taken.take(file, "waiver_limit", "waiver_limit");
    limit.place = file.place("waiver_limit");
    limit.time = file.duration("waiver_limit", std::chrono::days(1), kTenYears).value_or(kTenYears);
  }
  return limit;
}

std::vector<Waiver> read_waivers(std::vector<YamlMap>& maps, const Policy& policy,
                                 const WaiverLimit& limit, SelectorReader& selectors) {
  TakenNames taken("the waiver");
  std::vector<Waiver> waivers;
  waivers.reserve(maps.size());
  for (YamlMap& map : maps) {
    Waiver waiver;
    waiver.place.text = map.place();
    waiver.id = read_id(map, "id");
    if (!waiver.id.empty()) taken.take(map, "id", waiver.id);
    waiver.control = read_control_id(map, policy);
    waiver.match = read_match(map, policy.find_control(waiver.control), selectors);
    waiver.subjects = read_items(map, "subjects");
    waiver.reason = require_text(map, "reason", kLongestReason);
    waiver.approved_by = require_text(map, "approved_by");
    waiver.ticket = read_text(map, "ticket");
    read_times(map, limit, waiver);
    waivers.push_back(std::move(waiver));
  }
  return waivers;
}

}  // namespace muster::policy
