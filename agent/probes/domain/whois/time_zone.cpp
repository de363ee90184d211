#include "agent/probes/domain/whois/time_zone.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "agent/probes/domain/whois/plain_text.h"
#include "common/text.h"

namespace muster::domains::whois {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// The longest word that could be a zone's name.
constexpr size_t kLongestName = 5;

struct NamedZone {
  std::string_view name;
  int hours_east;
};

// Names with one meaning among those that registries use.
constexpr std::array kZones = {NamedZone{"z", 0},     NamedZone{"utc", 0},  NamedZone{"gmt", 0},
                               NamedZone{"wet", 0},   NamedZone{"west", 1}, NamedZone{"cet", 1},
                               NamedZone{"cest", 2},  NamedZone{"eet", 2},  NamedZone{"eest", 3},
                               NamedZone{"msk", 3},   NamedZone{"jst", 9},  NamedZone{"kst", 9},
                               NamedZone{"hkt", 8},   NamedZone{"sgt", 8},  NamedZone{"nzst", 12},
                               NamedZone{"nzdt", 13}, NamedZone{"clt", -4}, NamedZone{"clst", -3}};

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

// "+8", "+03", "-0700", "+05:30" at the front.
std::optional<seconds> take_offset(std::string_view& text) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  std::string digits;
  size_t used = 1;
  while (used < text.size() && digits.size() <= 4 && (is_digit(text[used]) || text[used] == ':')) {
    if (text[used] != ':') digits.push_back(text[used]);
    ++used;
  }
  if (digits.empty() || digits.size() > 4) return std::nullopt;
  const size_t hour_digits = digits.size() <= 2 ? digits.size() : digits.size() - 2;
  const int hour = std::stoi(digits.substr(0, hour_digits));
  const int minute = digits.size() > 2 ? std::stoi(digits.substr(hour_digits)) : 0;
  if (hour > 14 || minute > 59) return std::nullopt;
  text.remove_prefix(used);
  return sign * (hours(hour) + minutes(minute));
}

std::optional<seconds> zone_named(std::string_view name) {
  const auto* const found = std::ranges::find(kZones, lower(name), &NamedZone::name);
  if (found == kZones.end()) return std::nullopt;
  return hours(found->hours_east);
}

}  // namespace

ZoneInText zone_at_front(std::string_view text) {
  const std::string_view whole = text;
  ZoneInText zone;
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const bool in_parentheses = !text.empty() && text.front() == '(';
  if (in_parentheses) text.remove_prefix(1);
  const size_t letters = static_cast<size_t>(
      std::ranges::find_if_not(
          text, [](char byte) { return std::isalpha(static_cast<unsigned char>(byte)) != 0; }) -
      text.begin());
  const std::string_view name = text.substr(0, letters);
  text.remove_prefix(letters);
  const std::string_view behind = trim(text);
  zone.is_word =
      letters > 0 && letters <= kLongestName && (behind.empty() || behind == "." || behind == ")");
  const std::optional<seconds> base = name.empty() ? seconds(0) : zone_named(name);
  const bool has_offset = !text.empty() && (text.front() == '+' || text.front() == '-');
  if (!base || (name.empty() && !has_offset)) return zone;
  std::optional<seconds> offset = seconds(0);
  if (has_offset) offset = take_offset(text);
  if (!offset) return zone;
  if (in_parentheses) {
    if (text.empty() || text.front() != ')') return zone;
    text.remove_prefix(1);
  }
  zone.offset = *base + *offset;
  zone.length = whole.size() - text.size();
  return zone;
}

}  // namespace muster::domains::whois
