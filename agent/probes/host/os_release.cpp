#include "agent/probes/host/os_release.h"

#include <array>
#include <utility>

#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kValueLimit = 256;
constexpr size_t kMostLike = 16;

// The value of a shell assignment. os-release(5): quotes, single or double, and backslash escapes
// within double quotes and outside of any; no expansion of variables.
std::string unquote(std::string_view text) {
  std::string value;
  char quote = '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote && quote != '\0') {
      quote = '\0';
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      const char next = text[i + 1];
      const bool is_escape =
          quote == '\0' || next == '"' || next == '$' || next == '`' || next == '\\';
      if (!is_escape) value += c;
      value += next;
      ++i;
    } else if (quote == '\0' && (c == ' ' || c == '\t')) {
      break;  // a comment or another word: no part of the value
    } else {
      value += c;
    }
  }
  return printable(value, kValueLimit);
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (words.size() < kMostLike) {
    text = trim(text);
    if (text.empty()) break;
    const std::string_view word = text.substr(0, text.find_first_of(" \t"));
    words.emplace_back(word);
    text.remove_prefix(word.size());
  }
  return words;
}

// systemd's names of architectures, which os-release uses, as uname has them.
std::string uname_machine(const std::string& architecture) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames = {{
      {"x86-64", "x86_64"},
      {"x86", "i686"},
      {"arm64", "aarch64"},
      {"ppc64-le", "ppc64le"},
  }};
  for (const auto& [systemd, uname] : kNames) {
    if (architecture == systemd) return std::string(uname);
  }
  return architecture;
}

}  // namespace

OsRelease parse_os_release(std::string_view text) {
  OsRelease release;
  while (!text.empty()) {
    const size_t newline = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, newline));
    text.remove_prefix(std::min(newline + 1, text.size()));
    const size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, equals);
    std::string value = unquote(line.substr(equals + 1));
    if (name == "ID")
      release.id = std::move(value);
    else if (name == "NAME")
      release.name = std::move(value);
    else if (name == "ID_LIKE")
      release.id_like = words_of(value);
    else if (name == "VERSION_ID")
      release.version_id = std::move(value);
    else if (name == "VERSION_CODENAME")
      release.codename = std::move(value);
    else if (name == "PRETTY_NAME")
      release.pretty_name = std::move(value);
    else if (name == "ARCHITECTURE")
      release.architecture = uname_machine(value);
    else if (name == "SUPPORT_END")
      release.support_end = std::move(value);
  }
  return release;
}

}  // namespace muster
