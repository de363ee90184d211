#include "agent/probes/packages_apt/origin_patterns.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "common/text.h"

namespace muster::packages_apt {
namespace {

absl::Status not_understood(std::string_view option, std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("Unattended-Upgrade::{} has '{}', at which unattended-upgrades stops", option,
                  printable(text, 128)));
}

// As Python's string.Template does: "${distro_id}" or "$distro_id", and "$$" for "$".
std::optional<std::string> substitute(std::string_view text, const DistributionNames& names) {
  std::string result;
  while (!text.empty()) {
    const size_t dollar = std::min(text.find('$'), text.size());
    result += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.empty()) break;
    bool known = false;
    for (const auto& [form, value] : {std::pair<std::string_view, std::string_view>{"$$", "$"},
                                      {"${distro_id}", names.id},
                                      {"${distro_codename}", names.codename},
                                      {"$distro_id", names.id},
                                      {"$distro_codename", names.codename}}) {
      if (!text.starts_with(form)) continue;
      result += value;
      text.remove_prefix(form.size());
      known = true;
      break;
    }
    if (!known) return std::nullopt;
  }
  return result;
}

// The parts between the separators that have no backslash before them. The backslashes stay.
std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == separator && (i == 0 || text[i - 1] != '\\')) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

std::string without_backslash_before(std::string text, char escaped) {
  const std::string sequence = {'\\', escaped};
  for (size_t at = text.find(sequence); at != std::string::npos; at = text.find(sequence, at + 1))
    text.erase(at, 1);
  return text;
}

// The letter for a field's name, or 0.
char field_letter(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 12> kNames = {{
      {"o", 'o'},
      {"origin", 'o'},
      {"l", 'l'},
      {"label", 'l'},
      {"a", 'a'},
      {"suite", 'a'},
      {"archive", 'a'},
      {"c", 'c'},
      {"component", 'c'},
      {"site", 's'},
      {"n", 'n'},
      {"codename", 'n'},
  }};
  const auto* const found = std::find_if(kNames.begin(), kNames.end(),
                                         [name](const auto& entry) { return entry.first == name; });
  return found == kNames.end() ? '\0' : found->second;
}

std::optional<OriginPattern> parse_pattern(std::string_view text) {
  OriginPattern pattern;
  for (const std::string& part : split(text, ',')) {
    const size_t equals = part.find('=');
    if (equals == std::string::npos || part.find('=', equals + 1) != std::string::npos) return {};
    const std::string_view name = trim(std::string_view(part).substr(0, equals));
    const std::string_view value = trim(std::string_view(part).substr(equals + 1));
    const char what = field_letter(name);
    if (what == '\0') return {};
    pattern.fields.push_back({what, without_backslash_before(std::string(value), ',')});
  }
  return pattern;
}

// "Debian:stable" or "Debian stable".
std::optional<OriginPattern> parse_allowed_origin(std::string_view text,
                                                  const DistributionNames& names) {
  std::vector<std::string> parts = split(text, ':');
  if (parts.size() == 1) {
    parts.clear();
    std::string_view rest = trim(text);
    while (!rest.empty()) {
      const size_t end = std::min(rest.find_first_of(" \t"), rest.size());
      parts.emplace_back(rest.substr(0, end));
      rest = trim(rest.substr(end));
    }
  }
  if (parts.size() != 2) return {};
  const auto origin = substitute(without_backslash_before(parts[0], ':'), names);
  const auto suite = substitute(parts[1], names);
  if (!origin || !suite) return {};
  return OriginPattern{{{'o', *origin}, {'a', *suite}}};
}

const std::string& field_of(const AptList& list, char what) {
  switch (what) {
    case 'o':
      return list.origin.origin;
    case 'l':
      return list.origin.label;
    case 'a':
      return list.origin.suite;
    case 'c':
      return list.component;
    case 's':
      return list.origin.site;
    default:
      return list.origin.codename;
  }
}

}  // namespace

absl::StatusOr<std::vector<OriginPattern>> parse_origin_patterns(
    const std::vector<std::string>& allowed_origins,
    const std::vector<std::string>& origins_patterns, const DistributionNames& names) {
  std::vector<OriginPattern> patterns;
  if (allowed_origins.size() + origins_patterns.size() > kMostPatterns) {
    return absl::OutOfRangeError(
        fmt::format("unattended-upgrades has more than {} origins", kMostPatterns));
  }
  const auto is_too_long = [](const std::string& text) { return text.size() > kLongestPattern; };
  for (const std::string& text : allowed_origins) {
    std::optional<OriginPattern> pattern;
    if (!is_too_long(text)) pattern = parse_allowed_origin(text, names);
    if (!pattern) return not_understood("Allowed-Origins", text);
    patterns.push_back(*std::move(pattern));
  }
  for (const std::string& text : origins_patterns) {
    std::optional<OriginPattern> pattern;
    if (!is_too_long(text)) {
      const std::optional<std::string> full = substitute(text, names);
      if (full && trim(*full).empty()) continue;  // it matches nothing
      if (full) pattern = parse_pattern(*full);
    }
    if (!pattern) return not_understood("Origins-Pattern", text);
    patterns.push_back(*std::move(pattern));
  }
  return patterns;
}

bool is_allowed(const AptList& list, const std::vector<OriginPattern>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const OriginPattern& pattern) {
    return std::all_of(
        pattern.fields.begin(), pattern.fields.end(), [&](const OriginPattern::Field& field) {
          // Python's fnmatch knows no escape.
          return ::fnmatch(field.value.c_str(), field_of(list, field.what).c_str(), FNM_NOESCAPE) ==
                 0;
        });
  });
}

}  // namespace muster::packages_apt
