#include "agent/probes/lifecycle/distro_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/text.h"
#include "common/timestamp.h"

namespace muster::lifecycle {
namespace {

constexpr size_t kMostColumns = 64;

// Columns and the programmes that they end. Of the two of a server, Ubuntu's older releases have a
// later one of their own.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kEnds = {{
    {"eol-server", "standard"},
    {"eol", "standard"},
    {"eol-lts", "lts"},
    {"eol-elts", "elts"},
    {"eol-esm", "esm"},
    {"eol-legacy", "legacy"},
}};

std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  while (columns.size() < kMostColumns) {
    const size_t comma = line.find(',');
    columns.push_back(trim(line.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    line.remove_prefix(comma + 1);
  }
  return columns;
}

// The value in the column of that name; empty where the line is shorter.
std::string_view value_of(const std::vector<std::string_view>& names,
                          const std::vector<std::string_view>& values, std::string_view name) {
  const auto at = static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  return at < values.size() && at < names.size() ? values[at] : "";
}

absl::StatusOr<ReleaseEnds> ends_of(const std::vector<std::string_view>& names,
                                    const std::vector<std::string_view>& values) {
  ReleaseEnds release{.ends = {}, .is_known = true};
  for (const auto& end_column : kEnds) {
    const std::string_view column = end_column.first;
    const std::string_view programme = end_column.second;
    const std::string_view text = value_of(names, values, column);
    const bool is_told = std::any_of(release.ends.begin(), release.ends.end(),
                                     [&](const auto& end) { return end.programme == programme; });
    if (text.empty() || is_told) continue;
    const std::optional<TimePoint> last_day = parse_iso_date(text);
    if (!last_day) {
      return absl::InvalidArgumentError(
          fmt::format("{} is no date: '{}'", column, printable(text, 40)));
    }
    release.ends.push_back({std::string(programme), *last_day});
  }
  return release;
}

}  // namespace

absl::StatusOr<ReleaseEnds> find_release(std::string_view csv, std::string_view version,
                                         std::string_view codename) {
  std::vector<std::string_view> names;
  for (size_t lines = 0; !csv.empty(); ++lines) {
    if (lines > kMostReleases) {
      return absl::InvalidArgumentError(fmt::format("it has more than {} lines", kMostReleases));
    }
    const size_t newline = std::min(csv.find('\n'), csv.size());
    const std::vector<std::string_view> values = columns_of(csv.substr(0, newline));
    csv.remove_prefix(std::min(newline + 1, csv.size()));
    if (names.empty()) {
      names = values;
      for (const std::string_view needed : {"version", "series", "eol"}) {
        if (std::find(names.begin(), names.end(), needed) == names.end()) {
          return absl::InvalidArgumentError(fmt::format("it has no column '{}'", needed));
        }
      }
      continue;
    }
    // "22.04 LTS".
    const std::string_view full = value_of(names, values, "version");
    const bool is_it = version.empty()
                           ? !codename.empty() && value_of(names, values, "series") == codename
                           : full.substr(0, full.find(' ')) == version;
    if (is_it) return ends_of(names, values);
  }
  if (names.empty()) return absl::InvalidArgumentError("it is empty");
  return ReleaseEnds{};
}

}  // namespace muster::lifecycle
