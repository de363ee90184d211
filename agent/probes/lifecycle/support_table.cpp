#include "agent/probes/lifecycle/support_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/text.h"
#include "common/timestamp.h"

namespace muster::lifecycle {
namespace {

constexpr size_t kColumns = 7;
constexpr std::string_view kNone = "-";
constexpr std::string_view kRolling = "rolling";

// The columns of a line; fewer or more than kColumns if it is broken.
std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  while (!line.empty() && columns.size() <= kColumns) {
    columns.push_back(line.substr(0, line.find(' ')));
    line.remove_prefix(std::min(columns.back().size() + 1, line.size()));
  }
  return columns;
}

std::optional<SupportRow> parse_row(std::string_view line) {
  const std::vector<std::string_view> columns = columns_of(line);
  if (columns.size() != kColumns) return std::nullopt;
  const std::optional<TimePoint> as_of = parse_iso_date(columns[5]);
  if (!as_of || !columns[6].starts_with("https://")) return std::nullopt;
  SupportRow row{.id = std::string(columns[0]),
                 .version = std::string(columns[1]),
                 .component = std::string(columns[2] == kNone ? "" : columns[2]),
                 .programme = std::string(columns[3] == kNone ? "" : columns[3]),
                 .last_day = std::nullopt,
                 .as_of = *as_of,
                 .source = std::string(columns[6])};
  if (columns[4] == kRolling) return row;
  row.last_day = parse_iso_date(columns[4]);
  if (!row.last_day || row.programme.empty()) return std::nullopt;
  return row;
}

// "9.*" is 9 and 9.4, and not 91; "*" is any.
bool fits(std::string_view pattern, std::string_view version) {
  if (pattern == "*") return true;
  if (!pattern.ends_with(".*")) return !version.empty() && pattern == version;
  pattern.remove_suffix(2);
  if (!version.starts_with(pattern)) return false;
  return version.size() == pattern.size() || version[pattern.size()] == '.';
}

}  // namespace

absl::StatusOr<std::vector<SupportRow>> parse_support_table(std::string_view text) {
  std::vector<SupportRow> rows;
  size_t number = 0;
  while (!text.empty()) {
    const size_t newline = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, newline));
    text.remove_prefix(std::min(newline + 1, text.size()));
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    std::optional<SupportRow> row = parse_row(line);
    if (!row) {
      return absl::InvalidArgumentError(fmt::format(
          "line {} of the table is not id, version, component, programme, last day, date, source: "
          "'{}'",
          number, printable(line, 200)));
    }
    rows.push_back(*std::move(row));
  }
  return rows;
}

bool is_about(const SupportRow& row, std::string_view id, std::string_view version,
              std::string_view codename) {
  if (row.id != id) return false;
  const std::string_view names = row.version;
  const size_t bar = names.find('|');
  if (fits(names.substr(0, bar), version)) return true;
  return version.empty() && bar != std::string_view::npos && names.substr(bar + 1) == codename;
}

}  // namespace muster::lifecycle
