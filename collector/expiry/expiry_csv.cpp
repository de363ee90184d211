#include "collector/expiry/expiry_csv.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string_view>

#include "collector/expiry/expiry_words.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr std::string_view kHeader =
    "ends_at,days_left,kind,subject,host,target,more_hosts,owner,by_hand,detail,labels,observed_at,"
    "id\r\n";
constexpr size_t kCells = 13;
using Cells = std::array<std::string, kCells>;

constexpr size_t kLongestCell = 4096;

// What spreadsheets take for the begin of a formula, in their full-width forms too, as some do.
bool looks_like_a_formula(std::string_view text) {
  // After spaces as well: some cut these off first.
  const size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return false;
  text.remove_prefix(begin);
  for (const std::string_view mark :
       {"=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"}) {
    if (text.starts_with(mark)) return true;
  }
  return false;
}

// Text of somebody else's: one line, printable.
std::string told(std::string_view text) {
  std::string cell = printable(text, kLongestCell);
  return looks_like_a_formula(cell) ? "'" + cell : cell;
}

void add_row(std::string& csv, const Cells& cells) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) csv += ',';
    const std::string& cell = cells.at(i);
    if (cell.find_first_of(",\"\r\n") == std::string::npos && !cell.starts_with(' ')) {
      csv += cell;
      continue;
    }
    csv += '"';
    for (const char c : cell) {
      if (c == '"') csv += '"';
      csv += c;
    }
    csv += '"';
  }
  csv += "\r\n";
}

std::string days_between(TimePoint from, TimePoint to) {
  return std::to_string(std::chrono::floor<std::chrono::days>(to - from).count());
}

}  // namespace

std::string to_expiry_csv(const v1::ExpiryList& list) {
  const TimePoint made_at = from_proto(list.made_at());
  std::string csv(kHeader);
  for (const v1::ExpiryEntry& entry : list.entries()) {
    const TimePoint ends = from_proto(entry.ends_at());
    add_row(csv, {to_iso8601(ends), days_between(made_at, ends), told(entry.kind_name()),
                  told(entry.subject()), told(entry.host()), told(entry.target()),
                  std::to_string(entry.more_hosts()), told(entry.owner()),
                  entry.by_hand() ? "yes" : "no", told(entry.detail()), told(expiry_labels(entry)),
                  entry.has_observed_at() ? to_iso8601(from_proto(entry.observed_at())) : "",
                  entry.id()});
  }
  if (list.omitted() > 0) {
    add_row(csv, {"", "", "omitted", omitted_in_words(list.omitted()), "", "", "", "", "", "", "",
                  "", "omitted"});
  }
  if (list.without_end() > 0) {
    add_row(csv, {"", "", "without-end", without_end_in_words(list.without_end()), "", "", "", "",
                  "", "", "", "", "without-end"});
  }
  return csv;
}

}  // namespace muster::collector
