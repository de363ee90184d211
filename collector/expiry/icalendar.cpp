#include "collector/expiry/icalendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "collector/expiry/expiry_kind.h"
#include "collector/expiry/expiry_words.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

// RFC 5545, section 3.1: octets of a line, without its end.
constexpr size_t kLongestLine = 75;
constexpr size_t kLongestText = 2000;

bool is_begin_of_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// Section 3.1: what is longer goes on in the next line, behind a space. Characters stay whole.
void add_line(std::string& calendar, std::string_view line) {
  size_t room = kLongestLine;
  while (line.size() > room) {
    size_t end = room;
    while (end > 1 && !is_begin_of_character(line[end]))
      --end;
    calendar.append(line.substr(0, end)).append("\r\n ");
    line.remove_prefix(end);
    room = kLongestLine - 1;
  }
  calendar.append(line).append("\r\n");
}

// Section 3.3.11. No control character is left to be escaped but the line ends of our own.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += "\\n";
      continue;
    }
    if (c == '\\' || c == ';' || c == ',') result += '\\';
    result += c;
  }
  return result;
}

void add_text(std::string& calendar, std::string_view property, std::string_view text) {
  add_line(calendar, fmt::format("{}:{}", property, escaped(text)));
}

// "20261121".
std::string date_of(TimePoint time) {
  std::string date = to_iso_date(time);
  date.erase(std::remove(date.begin(), date.end(), '-'), date.end());
  return date;
}

// "20261121T205843Z".
std::string time_of(TimePoint time) {
  std::string text = to_iso8601(time);
  const auto is_mark = [](char c) { return c == '-' || c == ':'; };
  text.erase(std::remove_if(text.begin(), text.end(), is_mark), text.end());
  return text;
}

void add_alarm(std::string& calendar, std::string_view before, std::string_view summary) {
  add_line(calendar, "BEGIN:VALARM");
  add_line(calendar, "ACTION:DISPLAY");
  add_text(calendar, "DESCRIPTION", summary);
  add_line(calendar, fmt::format("TRIGGER:-{}", before));
  add_line(calendar, "END:VALARM");
}

void add_event(std::string& calendar, const v1::ExpiryEntry& entry, TimePoint made_at) {
  const std::string summary = expiry_summary(entry);
  add_line(calendar, "BEGIN:VEVENT");
  add_text(calendar, "UID", entry.id() + "@muster");
  add_line(calendar, "DTSTAMP:" + time_of(made_at));
  add_line(calendar, "DTSTART;VALUE=DATE:" + date_of(from_proto(entry.ends_at())));
  add_text(calendar, "SUMMARY", summary);
  add_text(calendar, "DESCRIPTION", expiry_description(entry));
  add_text(calendar, "CATEGORIES", printable(entry.kind_name(), kLongestText));
  // It does not make anybody busy.
  add_line(calendar, "TRANSP:TRANSPARENT");
  add_alarm(calendar, "P30D", summary);
  add_alarm(calendar, "P7D", summary);
  add_line(calendar, "END:VEVENT");
}

// What the calendar lacks is told on the day that it was made, where whoever reads it looks.
void add_lack(std::string& calendar, std::string_view uid, TimePoint made_at,
              const std::string& summary) {
  add_line(calendar, "BEGIN:VEVENT");
  add_line(calendar, fmt::format("UID:{}@muster", uid));
  add_line(calendar, "DTSTAMP:" + time_of(made_at));
  add_line(calendar, "DTSTART;VALUE=DATE:" + date_of(made_at));
  add_text(calendar, "SUMMARY", summary);
  add_line(calendar, "TRANSP:TRANSPARENT");
  add_line(calendar, "END:VEVENT");
}

}  // namespace

std::string to_icalendar(const v1::ExpiryList& list) {
  const TimePoint made_at = from_proto(list.made_at());
  std::string calendar;
  add_line(calendar, "BEGIN:VCALENDAR");
  add_line(calendar, "VERSION:2.0");
  add_line(calendar, "PRODID:-//Muster//muster-collector//EN");
  add_line(calendar, "CALSCALE:GREGORIAN");
  add_line(calendar, "X-WR-CALNAME:Muster: what ends");
  // RFC 7986, section 5.7: facts of most kinds are looked at several times a day.
  add_line(calendar, "REFRESH-INTERVAL;VALUE=DURATION:PT6H");
  if (list.omitted() > 0) add_lack(calendar, "omitted", made_at, omitted_in_words(list.omitted()));
  if (list.without_end() > 0) {
    add_lack(calendar, "without-end", made_at, without_end_in_words(list.without_end()));
  }
  for (const v1::ExpiryEntry& entry : list.entries())
    add_event(calendar, entry, made_at);
  add_line(calendar, "END:VCALENDAR");
  return calendar;
}

}  // namespace muster::collector
