#include "common/glob.h"

#include <fnmatch.h>

#include <algorithm>
#include <bitset>
#include <vector>

namespace muster {
namespace {

using Bytes = std::bitset<256>;

// One place of a pattern: any text, or one byte of these.
struct Place {
  bool is_any_text = false;
  Bytes bytes = {};
};

Bytes one_byte(char c) {
  Bytes bytes;
  bytes.set(static_cast<unsigned char>(c));
  return bytes;
}

Bytes any_byte() {
  Bytes bytes;
  bytes.set();
  return bytes;
}

// What stands between brackets, POSIX.1-2017, XCU 2.13.1: `text` begins after the first. Takes it
// from there; leaves it, and gives none, where the closing one is missing.
Bytes take_set(std::string_view& text) {
  std::string_view rest = text;
  const bool is_negated = rest.starts_with('!') || rest.starts_with('^');
  if (is_negated) rest.remove_prefix(1);
  Bytes bytes;
  for (bool is_first = true; !rest.empty(); is_first = false) {
    if (rest.front() == ']' && !is_first) {
      text = rest.substr(1);
      return is_negated ? ~bytes : bytes;
    }
    if (rest.front() == '[' && rest.size() > 1 &&
        std::string_view(":.=").find(rest[1]) != std::string_view::npos) {
      // A class ends with its own bracket, which is not the set's.
      const size_t end = rest.find(std::string{rest[1], ']'}, 2);
      if (end == std::string_view::npos) break;
      const size_t close = rest.find(']', end + 2);
      if (close == std::string_view::npos) break;
      text = rest.substr(close + 1);
      return any_byte();
    }
    if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
    const auto low = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    auto high = low;
    if (rest.size() > 1 && rest[0] == '-' && rest[1] != ']') {
      rest.remove_prefix(1);
      if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
      high = static_cast<unsigned char>(rest.front());
      rest.remove_prefix(1);
    }
    for (int byte = low; byte <= high; ++byte)
      bytes.set(static_cast<size_t>(byte));
  }
  return {};
}

std::vector<Place> places_of(std::string_view pattern) {
  std::vector<Place> places;
  while (!pattern.empty()) {
    const char c = pattern.front();
    pattern.remove_prefix(1);
    if (c == '*') {
      places.push_back({.is_any_text = true});
    } else if (c == '?') {
      places.push_back({.bytes = any_byte()});
    } else if (c == '[') {
      const Bytes set = take_set(pattern);
      places.push_back({.bytes = set.any() ? set : one_byte(c)});
    } else if (c == '\\' && !pattern.empty()) {
      places.push_back({.bytes = one_byte(pattern.front())});
      pattern.remove_prefix(1);
    } else {
      places.push_back({.bytes = one_byte(c)});
    }
  }
  return places;
}

}  // namespace

bool matches_glob(const std::string& pattern, std::string_view text) {
  const std::string subject(text);
  // What has a NUL byte is no C string, and no name either.
  if (pattern.find('\0') != std::string::npos || subject.find('\0') != std::string::npos)
    return false;
  return ::fnmatch(pattern.c_str(), subject.c_str(), 0) == 0;
}

size_t literal_count(std::string_view pattern) {
  const std::vector<Place> places = places_of(pattern);
  return static_cast<size_t>(std::count_if(places.begin(), places.end(), [](const Place& place) {
    return !place.is_any_text && place.bytes.count() == 1;
  }));
}

bool is_literal(std::string_view pattern) {
  return literal_count(pattern) == places_of(pattern).size();
}

bool globs_overlap(std::string_view one, std::string_view other) {
  const std::vector<Place> rows = places_of(one);
  const std::vector<Place> columns = places_of(other);
  // reached[j]: some text is matched by the first places of `one`, as many as the row is far, and
  // by the first j of `other`.
  std::vector<char> reached(columns.size() + 1, 0);
  for (size_t i = 0; i <= rows.size(); ++i) {
    std::vector<char> next(columns.size() + 1, 0);
    for (size_t j = 0; j <= columns.size(); ++j) {
      bool is_reached = i == 0 && j == 0;
      const bool row_is_any = i > 0 && rows[i - 1].is_any_text;
      const bool column_is_any = j > 0 && columns[j - 1].is_any_text;
      // Any text may be empty, or go on by what the other asks for.
      if (row_is_any) is_reached = is_reached || reached[j] != 0 || (j > 0 && next[j - 1] != 0);
      if (column_is_any) is_reached = is_reached || next[j - 1] != 0 || (i > 0 && reached[j] != 0);
      if (i > 0 && j > 0 && !row_is_any && !column_is_any) {
        is_reached =
            is_reached || (reached[j - 1] != 0 && (rows[i - 1].bytes & columns[j - 1].bytes).any());
      }
      next[j] = is_reached ? 1 : 0;
    }
    reached = next;
  }
  return reached[columns.size()] != 0;
}

}  // namespace muster
