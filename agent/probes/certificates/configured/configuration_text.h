// Lines, words and settings of configuration files, as several servers write them. Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace muster::configured {

// One logical line, with the number of its first.
struct Line {
  size_t number = 0;
  std::string text;
};

enum class Continued {
  kNever,
  // By a backslash at its end.
  kByBackslash,
  // By white space at the next one's begin, as Postfix and LDIF do. Comments lie between.
  kByIndent,
};

// Those that are not empty, without white space at their ends, and without comments: lines that
// begin with one of `comments`. With kByIndent the parts are joined with `joint`.
std::vector<Line> lines_of(std::string_view text, Continued continued,
                           std::string_view comments = "#", std::string_view joint = " ");

// Separated by white space; quotes (' and ") hold it together and are taken away, and a backslash
// takes the meaning from what follows it. A word that begins with one of `comments` ends the line.
std::vector<std::string> words_of(std::string_view line, std::string_view comments = "#");

// A line "name = value", in the section "[section]" before it.
struct Setting {
  size_t line = 0;
  std::string section;
  std::string name;
  std::string value;
};

// `separators` between name and value: the first of them that is found. A value stays as it is
// written, without white space at its ends.
std::vector<Setting> settings_of(const std::vector<Line>& lines, std::string_view separators = "=");

// Without one pair of quotes around it.
std::string unquoted(std::string_view text);

bool same_word(std::string_view one, std::string_view other);  // letters of ASCII in any case

// The path from `directory`, without "." and ".."; empty for an empty one.
std::string absolute_path(std::string_view path, std::string_view directory);
std::string directory_of(std::string_view path);

}  // namespace muster::configured
