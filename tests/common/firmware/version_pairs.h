// version_pairs.txt as the tests read it. Any thread.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/files.h"
#include "common/firmware/version_format.h"

namespace muster::firmware {

struct VersionPair {
  VersionFormat format;
  std::string one;
  // "<", "=" or "?".
  std::string relation;
  std::string other;
  std::string source;
  size_t line;
};

// What stands between " | ".
inline std::vector<std::string> cells_of(const std::string& line) {
  constexpr std::string_view kBetween = " | ";
  std::vector<std::string> cells;
  size_t begin = 0;
  for (size_t end = line.find(kBetween); end != std::string::npos;
       end = line.find(kBetween, begin)) {
    cells.push_back(line.substr(begin, end - begin));
    begin = end + kBetween.size();
  }
  cells.push_back(line.substr(begin));
  return cells;
}

inline std::vector<VersionPair> version_pairs() {
  const absl::StatusOr<std::string> text =
      read_file(MUSTER_SOURCE_DIRECTORY "/tests/common/firmware/version_pairs.txt", 1 << 20);
  EXPECT_TRUE(text.ok()) << text.status();
  std::istringstream lines(text.value_or(""));
  std::vector<VersionPair> pairs;
  size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const std::vector<std::string> cells = cells_of(line);
    EXPECT_EQ(cells.size(), 5U) << "line " << number;
    if (cells.size() != 5) continue;
    const std::optional<VersionFormat> format = parse_version_format(cells[0]);
    EXPECT_TRUE(format) << "line " << number << ": no format " << cells[0];
    EXPECT_FALSE(cells[4].empty()) << "line " << number << " has no source";
    if (!format) continue;
    pairs.push_back({.format = *format,
                     .one = cells[1],
                     .relation = cells[2],
                     .other = cells[3],
                     .source = cells[4],
                     .line = number});
  }
  return pairs;
}

inline std::map<VersionFormat, std::set<std::string>> texts_by_format() {
  std::map<VersionFormat, std::set<std::string>> texts;
  for (const VersionPair& pair : version_pairs()) {
    texts[pair.format].insert(pair.one);
    texts[pair.format].insert(pair.other);
  }
  return texts;
}

}  // namespace muster::firmware
