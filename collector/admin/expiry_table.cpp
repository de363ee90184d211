#include "collector/admin/expiry_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "collector/admin/table_cells.h"
#include "collector/expiry/expiry_words.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

// Of 80 columns; where there are more, half of them are for what, and a quarter for where. The
// whole is in the JSON.
constexpr size_t kColumns = 80;
constexpr size_t kKindWidth = 13;
constexpr size_t kWhatWidth = 22;
constexpr size_t kPlaceWidth = 14;

// "9d", "-3d": whole days, as the time goes by.
std::string days_left(TimePoint ends, TimePoint now) {
  return std::to_string(std::chrono::floor<std::chrono::days>(ends - now).count()) + "d";
}

// "web1", "web1 +2".
std::string place_of(const v1::ExpiryEntry& entry, size_t width) {
  const std::string more = entry.more_hosts() == 0 ? "" : fmt::format(" +{}", entry.more_hosts());
  const std::string& name = entry.target().empty() ? entry.host() : entry.target();
  return cut_to_width(cell(name), width - std::min(width, more.size())) + more;
}

}  // namespace

std::string expiry_table(const v1::ExpiryList& list, TimePoint now, const TerminalStyle& style) {
  std::string text;
  if (list.entries().empty()) {
    text = "Nothing that is known of ends in that time.\n";
  } else {
    const size_t more = style.width - std::min(style.width, kColumns);
    std::vector<Row> rows;
    for (const v1::ExpiryEntry& entry : list.entries()) {
      const TimePoint ends = from_proto(entry.ends_at());
      rows.push_back({to_iso_date(ends), days_left(ends, now),
                      cut_to_width(cell(entry.kind_name()), kKindWidth),
                      cut_to_width(cell(entry.subject()), kWhatWidth + more / 2),
                      place_of(entry, kPlaceWidth + more / 4), cell(entry.owner())});
    }
    text = render_text_table({"END", "IN", "KIND", "WHAT", "WHERE", "OWNER"}, rows, style);
  }
  if (list.omitted() > 0) text += for_terminal(omitted_in_words(list.omitted()), style) + ".\n";
  if (list.without_end() > 0) {
    text += for_terminal(without_end_in_words(list.without_end()), style) + ".\n";
  }
  return text;
}

}  // namespace muster::collector
