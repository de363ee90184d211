#include "common/policy/file/baselines.h"

#include <fmt/format.h>

#include <chrono>
#include <compare>
#include <optional>
#include <utility>
#include <vector>

#include "common/firmware/version_key.h"
#include "common/firmware/version_order.h"
#include "common/policy/file/fields.h"
#include "common/text.h"
#include "common/yaml_reader.h"

namespace muster::policy {
namespace {

using firmware::BaselineEntry;
using firmware::ForbiddenVersions;
using firmware::kLongestVersion;
using firmware::VersionFormat;

std::string text_of(const absl::Status& status) {
  return std::string(status.message());
}

std::optional<std::chrono::sys_days> day_of(const std::optional<TimePoint>& time) {
  if (!time) return std::nullopt;
  return std::chrono::floor<std::chrono::days>(*time);
}

// At most so many, else none.
std::vector<std::string> read_some(YamlMap& map, std::string_view key, size_t limit) {
  if (map.size(key) <= kMostOfAnEntry) return read_items(map, key, limit);
  map.complain(key, fmt::format("'{}' has more than {} items", key, kMostOfAnEntry));
  return {};
}

// Reads one entry. What is wrong is noted in its map; what is read then is empty.
class EntryReader {
 public:
  explicit EntryReader(YamlMap& map) : map_(map) {}

  BaselineEntry read(TakenNames& ids) {
    entry_.place = map_.place();
    entry_.id = read_id(map_, "id");
    if (!entry_.id.empty()) ids.take(map_, "id", entry_.id);
    read_match();
    read_format();
    entry_.minimum = read_version(map_, "minimum");
    read_approved();
    read_all_forbidden();
    entry_.source = require_text(map_, "source", kLongestReason);
    entry_.date = day_of(require_time(map_, "date")).value_or(std::chrono::sys_days());
    if (map_.has("required_from"))
      entry_.required_from = day_of(require_time(map_, "required_from"));
    check_whole();
    return std::move(entry_);
  }

 private:
  void read_match() {
    map_.require("match");
    std::optional<YamlMap> match = map_.map("match");
    if (!match) return;
    match->require("kind");
    if (const auto kind = match->one_of("kind", firmware::kind_names()))
      entry_.match.kind = firmware::parse_kind(*kind);
    if (match->has("vendor")) {
      entry_.match.vendor = require_text(*match, "vendor", kLongestPattern);
    }
    entry_.match.models = read_some(*match, "model", kLongestPattern);
  }

  void read_format() {
    map_.require("version_format");
    const auto name = map_.one_of("version_format", firmware::version_format_names());
    if (!name) return;
    format_ = firmware::parse_version_format(*name);
    entry_.format = format_.value_or(VersionFormat::kPlain);
  }

  // As it is written; empty where it is absent or no version of the format.
  std::string read_version(YamlMap& map, std::string_view key) {
    const std::string version = read_text(map, key, kLongestVersion);
    if (!map.has(key)) return "";
    if (version.empty()) {
      map.complain(key, fmt::format("'{}' says nothing: name a version, or remove the line", key));
      return "";
    }
    if (!format_) return "";
    const absl::Status status = check_version(version, *format_);
    if (status.ok()) return version;
    map.complain(key, text_of(status));
    return "";
  }

  void read_approved() {
    std::vector<std::string> versions = read_some(map_, "approved", kLongestVersion);
    for (size_t i = 0; i < versions.size() && format_; ++i) {
      const absl::Status status = check_version(versions[i], *format_);
      if (status.ok()) {
        entry_.approved.push_back(std::move(versions[i]));
      } else {
        map_.complain_of_item("approved", i, text_of(status));
      }
    }
  }

  void read_all_forbidden() {
    if (map_.size("forbidden") > kMostOfAnEntry) {
      map_.complain("forbidden", fmt::format("'forbidden' has more than {} items", kMostOfAnEntry));
      return;
    }
    if (map_.has("forbidden") && map_.size("forbidden") == 0)
      map_.complain("forbidden", "'forbidden' names none: name one, or remove the line");
    for (YamlMap& map : map_.maps("forbidden"))
      read_forbidden(map);
  }

  void read_forbidden(YamlMap& map) {
    ForbiddenVersions forbidden;
    forbidden.why = require_text(map, "why", kLongestReason);
    forbidden.version = read_version(map, "version");
    if (map.has("version") == map.has("range")) {
      map.complain("", "give one of 'version' and 'range': {from, to or below}");
    }
    if (std::optional<YamlMap> range = map.map("range")) read_range(*range, forbidden);
    const bool says_something = !forbidden.version.empty() || !forbidden.from.empty() ||
                                !forbidden.to.empty() || !forbidden.below.empty();
    if (says_something) entry_.forbidden.push_back(std::move(forbidden));
  }

  void read_range(YamlMap& range, ForbiddenVersions& forbidden) {
    forbidden.from = read_version(range, "from");
    forbidden.to = read_version(range, "to");
    forbidden.below = read_version(range, "below");
    if (format_ == VersionFormat::kPlain) {
      range.complain("", "versions of the format plain have no order: name each in a 'version'");
      return;
    }
    if (!range.has("from") && !range.has("to") && !range.has("below"))
      range.complain("", "the range has no end: give 'from', 'to' or 'below'");
    if (range.has("to") && range.has("below"))
      range.complain("below",
                     "give one of 'to', which is forbidden too, and 'below', which is not");
    const std::string& end = forbidden.to.empty() ? forbidden.below : forbidden.to;
    if (forbidden.from.empty() || end.empty()) return;
    const absl::StatusOr<std::strong_ordering> order =
        compare_versions(forbidden.from, end, entry_.format);
    if (!order.ok()) {
      range.complain("from", text_of(order.status()));
    } else if (std::is_gt(*order) || (std::is_eq(*order) && forbidden.to.empty())) {
      range.complain("from", fmt::format("no version is in the range: {} comes not before {}",
                                         printable(forbidden.from), printable(end)));
    }
  }

  // What only the parts together can say.
  void check_whole() {
    if (!map_.has("minimum") && !map_.has("approved") && !map_.has("forbidden")) {
      map_.complain("", "it asks for nothing: give 'minimum', 'approved' or 'forbidden'");
    }
    if (format_ == VersionFormat::kPlain && map_.has("minimum")) {
      map_.complain("minimum",
                    "versions of the format plain have no order: name each in 'approved', or give "
                    "the format that they have");
      return;
    }
    if (!entry_.minimum.empty()) check_not_forbidden(entry_.minimum, "minimum", std::nullopt);
    for (size_t i = 0; i < entry_.approved.size(); ++i)
      check_not_forbidden(entry_.approved[i], "approved", i);
  }

  void check_not_forbidden(const std::string& version, std::string_view key,
                           std::optional<size_t> item) {
    for (const ForbiddenVersions& forbidden : entry_.forbidden) {
      const absl::StatusOr<bool> is_it = is_forbidden(forbidden, version, entry_.format);
      if (is_it.ok() && !*is_it) continue;
      const std::string what =
          is_it.ok() ? fmt::format("{} is forbidden below: {}", printable(version), forbidden.why)
                     : text_of(is_it.status());
      if (item) {
        map_.complain_of_item(key, *item, what);
      } else {
        map_.complain(key, what);
      }
      return;
    }
  }

  YamlMap& map_;
  BaselineEntry entry_;
  // Nothing: it is not known, so that versions cannot be checked.
  std::optional<VersionFormat> format_;
};

void complain_of_contradictions(const firmware::Baseline& baseline, std::vector<YamlMap>& maps) {
  for (const firmware::Contradiction& pair : firmware::contradictions(baseline.entries)) {
    const BaselineEntry& first = baseline.entries[pair.first];
    // What has no kind is complained of already.
    if (first.match.kind == v1::FIRMWARE_KIND_UNSPECIFIED) continue;
    maps[pair.second].complain(
        "match",
        fmt::format("'{}' at {} can be about the same components, is as exact as this one, and "
                    "asks for something else: make one of them, or name the vendor or model more "
                    "exactly in one",
                    first.id, first.place));
  }
}

}  // namespace

firmware::Baseline read_baselines(std::vector<YamlMap>& maps) {
  firmware::Baseline baseline;
  TakenNames ids("the id");
  baseline.entries.reserve(maps.size());
  for (YamlMap& map : maps)
    baseline.entries.push_back(EntryReader(map).read(ids));
  complain_of_contradictions(baseline, maps);
  return baseline;
}

}  // namespace muster::policy
