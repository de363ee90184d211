#include "common/policy/file/calendar.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/duration.h"
#include "common/labels.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

// From bit 0 on.
constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};

unsigned read_weekdays(YamlMap& map) {
  unsigned days = 0;
  const std::vector<std::string> names = read_items(map, "weekdays");
  for (size_t i = 0; i < names.size(); ++i) {
    const auto* const day = std::find(kWeekdays.begin(), kWeekdays.end(), names[i]);
    if (day != kWeekdays.end()) {
      days |= 1U << (day - kWeekdays.begin());
      continue;
    }
    map.complain_of_item(
        "weekdays", i,
        fmt::format("'{}' must be one of {}{}", printable(names[i], 80), fmt::join(kWeekdays, ", "),
                    did_you_mean(names[i], kWeekdays)));
  }
  return days;
}

// "02:00" since midnight.
Duration read_time_of_day(YamlMap& map, std::string_view key) {
  map.require(key);
  const std::optional<std::string> text = map.text(key);
  if (!text) return {};
  // Any day with that time.
  if (const auto time = parse_iso8601("1970-01-01T" + *text + ":00Z")) {
    return time->time_since_epoch();
  }
  map.complain(key, fmt::format("'{}' must be a time of day in UTC from \"00:00\" to \"23:59\", "
                                "not '{}'",
                                key, printable(*text, 80)));
  return {};
}

void read_weekly(YamlMap& map, MaintenanceWindow& window) {
  map.require("weekdays");
  window.weekdays = read_weekdays(map);
  window.from = read_time_of_day(map, "from");
  map.require("lasts");
  window.lasts = map.duration("lasts", std::chrono::minutes(1), std::chrono::weeks(1))
                     .value_or(Duration::zero());
}

void read_once(YamlMap& map, MaintenanceWindow& window) {
  const std::optional<TimePoint> starts = require_time(map, "starts");
  const std::optional<TimePoint> ends = require_time(map, "ends");
  if (!starts || !ends) return;
  window.starts = *starts;
  window.ends = *ends;
  if (*ends <= *starts) {
    map.complain("ends", fmt::format("it ends before it starts, at {}", to_iso8601(*starts)));
  } else if (*ends - *starts > kLongestWindow) {
    map.complain("ends", fmt::format("a maintenance window lasts at most {}",
                                     format_duration(kLongestWindow)));
  }
}

MaintenanceWindow read_window(YamlMap& map, SelectorReader& selectors) {
  MaintenanceWindow window;
  window.place.text = map.place();
  window.name = require_text(map, "name", kLongestId);
  window.match = selectors.require_at(map, "match", "");
  const auto has_any = [&map](std::initializer_list<std::string_view> keys) {
    // All are asked for, so that none is unknown.
    return std::count_if(keys.begin(), keys.end(),
                         [&map](std::string_view key) { return map.has(key); }) > 0;
  };
  const bool is_weekly = has_any({"weekdays", "from", "lasts"});
  const bool is_once = has_any({"starts", "ends"});
  if (is_weekly == is_once) {
    map.complain("name",
                 "a maintenance window has either weekdays, from and lasts (every week) or "
                 "starts and ends (once)");
  } else if (is_weekly) {
    read_weekly(map, window);
  } else {
    read_once(map, window);
  }
  return window;
}

std::string read_kind(YamlMap& map) {
  map.require("kind");
  const std::optional<std::string> kind = map.text("kind");
  if (!kind) return "";
  const bool is_kind = !kind->empty() && kind->size() <= kLongestId &&
                       std::all_of(kind->begin(), kind->end(), [](unsigned char c) {
                         return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-';
                       });
  if (is_kind) return *kind;
  map.complain("kind", fmt::format("'kind' must be 1 to {} lower-case letters, digits and dashes, "
                                   "like support-contract, not '{}'",
                                   kLongestId, printable(*kind, 80)));
  return "";
}

std::string undeclared(const std::string& name, const Vocabulary& vocabulary) {
  std::vector<std::string_view> known;
  for (const auto& [declared, values] : vocabulary)
    known.push_back(declared);
  return fmt::format("the label '{}' is not declared: add it to 'labels'{}", printable(name, 80),
                     did_you_mean(name, known));
}

// Another label than a host can have would be asked for by nobody.
std::map<std::string, std::string> read_labels(YamlMap& map, const Vocabulary& vocabulary) {
  std::map<std::string, std::string> labels;
  for (auto& [name, value] : map.pairs("labels")) {
    const auto declared = vocabulary.find(name);
    if (declared == vocabulary.end()) {
      map.complain("labels", undeclared(name, vocabulary));
    } else if (const std::vector<std::string>& values = declared->second;
               !values.empty() && std::find(values.begin(), values.end(), value) == values.end()) {
      map.complain("labels", fmt::format("'{}' is none of the values that the label '{}' may have",
                                         printable(value, 80), name));
    } else if (const absl::Status status = check_label(name, value); !status.ok()) {
      map.complain("labels", std::string(status.message()));
    } else {
      labels.emplace(name, std::move(value));
    }
  }
  return labels;
}

}  // namespace

std::vector<MaintenanceWindow> read_maintenance(std::vector<YamlMap>& maps,
                                                SelectorReader& selectors) {
  TakenNames taken("the maintenance window");
  std::vector<MaintenanceWindow> windows;
  windows.reserve(maps.size());
  for (YamlMap& map : maps) {
    windows.push_back(read_window(map, selectors));
    if (!windows.back().name.empty()) taken.take(map, "name", windows.back().name);
  }
  return windows;
}

std::vector<KeptDate> read_dates(std::vector<YamlMap>& maps, const Vocabulary& vocabulary) {
  TakenNames taken("the date");
  std::vector<KeptDate> dates;
  dates.reserve(maps.size());
  for (YamlMap& map : maps) {
    KeptDate date;
    date.place.text = map.place();
    date.name = require_text(map, "name");
    if (!date.name.empty()) taken.take(map, "name", date.name);
    date.kind = read_kind(map);
    date.owner = require_text(map, "owner", kLongestId);
    date.date = require_time(map, "date").value_or(TimePoint());
    date.labels = read_labels(map, vocabulary);
    date.detail = read_text(map, "detail", kLongestReason);
    dates.push_back(std::move(date));
  }
  return dates;
}

}  // namespace muster::policy
