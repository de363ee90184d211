#include "agent/probes/certificates/configured/configuration_text.h"

#include <algorithm>
#include <filesystem>

#include "common/text.h"

namespace muster::configured {
namespace {

constexpr std::string_view kSpace = " \t\r\n\v\f";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_any_of(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

}  // namespace

std::vector<Line> lines_of(std::string_view text, Continued continued, std::string_view comments,
                           std::string_view joint) {
  std::vector<Line> lines;
  bool goes_on = false;  // the last of them does, by its backslash
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool indented = !line.empty() && is_any_of(line.front(), " \t");
    line = trim(line);
    if (!goes_on && !line.empty() && is_any_of(line.front(), comments)) continue;
    const bool backslash =
        continued == Continued::kByBackslash && !line.empty() && line.back() == '\\';
    if (backslash) line.remove_suffix(1);
    if (goes_on) {
      lines.back().text.append(line);
    } else if (line.empty() && !backslash) {
      continue;
    } else if (continued == Continued::kByIndent && indented && !lines.empty()) {
      lines.back().text.append(joint).append(line);
    } else {
      lines.push_back({number, std::string(line)});
    }
    goes_on = backslash;
  }
  return lines;
}

std::vector<std::string> words_of(std::string_view line, std::string_view comments) {
  std::vector<std::string> words;
  size_t at = 0;
  while (true) {
    at = line.find_first_not_of(kSpace, at);
    if (at == std::string_view::npos || is_any_of(line[at], comments)) return words;
    std::string& word = words.emplace_back();
    char quote = 0;
    for (; at < line.size() && (quote != 0 || !is_any_of(line[at], kSpace)); ++at) {
      if (line[at] == '\\' && quote != '\'' && at + 1 < line.size())
        word += line[++at];
      else if (quote != 0 && line[at] == quote)
        quote = 0;
      else if (quote == 0 && is_any_of(line[at], "\"'"))
        quote = line[at];
      else
        word += line[at];
    }
  }
}

std::vector<Setting> settings_of(const std::vector<Line>& lines, std::string_view separators) {
  std::vector<Setting> settings;
  std::string section;
  for (const Line& line : lines) {
    if (line.text.starts_with('[')) {
      section = trim(std::string_view(line.text).substr(1, line.text.find(']') - 1));
      continue;
    }
    const std::string_view text = line.text;
    const size_t at = std::min(text.find_first_of(separators), text.size());
    settings.push_back({line.number, section, std::string(trim(text.substr(0, at))),
                        std::string(trim(text.substr(std::min(at + 1, text.size()))))});
  }
  return settings;
}

std::string unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == text.back() && is_any_of(text.front(), "\"'"))
    text = text.substr(1, text.size() - 2);
  return std::string(text);
}

bool same_word(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string absolute_path(std::string_view path, std::string_view directory) {
  if (path.empty()) return {};
  std::string joined = (std::filesystem::path(directory) / path).lexically_normal().string();
  // As a directory is named without it.
  if (joined.size() > 1 && joined.ends_with('/')) joined.pop_back();
  return joined;
}

std::string directory_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/" : std::string(path.substr(0, slash));
}

}  // namespace muster::configured
