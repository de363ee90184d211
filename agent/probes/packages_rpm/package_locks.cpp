#include "agent/probes/packages_rpm/package_locks.h"

#include <map>
#include <optional>

#include "common/text.h"

namespace muster::packages_rpm {
namespace {

// The next line of `text`, which loses it; unset at its end.
std::optional<std::string_view> next_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const size_t end = text.find('\n');
  const std::string_view line = trim(text.substr(0, end));
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return line;
}

using Stanza = std::map<std::string, std::string>;

void take_stanza(Stanza& stanza, std::vector<PackageLock>& locks, size_t& others) {
  const Stanza read = std::move(stanza);
  stanza.clear();
  if (read.empty()) return;
  const auto value = [&](const char* key) {
    const auto found = read.find(key);
    return found == read.end() ? std::string() : found->second;
  };
  const std::string name = value("solvable_name");
  const bool of_package = value("type").empty() || value("type") == "package";
  const bool narrower = !value("version").empty() || !value("repo").empty() ||
                        value("match_type") == "regex" || value("match_type") == "substring";
  if (!of_package || narrower || name.empty() || locks.size() == kMostLocks) {
    ++others;
    return;
  }
  locks.push_back({.pattern = name, .as_installed = true});
}

}  // namespace

std::vector<PackageLock> dnf_locks(std::string_view text) {
  std::vector<PackageLock> locks;
  while (const auto line = next_line(text)) {
    if (line->empty() || line->front() == '#') continue;
    const bool excludes_it = line->front() == '!';
    const std::string_view pattern = trim(line->substr(excludes_it ? 1 : 0));
    if (pattern.empty() || locks.size() == kMostLocks) continue;
    locks.push_back({.pattern = std::string(pattern), .excludes_it = excludes_it});
  }
  return locks;
}

std::vector<PackageLock> zypper_locks(std::string_view text, size_t& others) {
  std::vector<PackageLock> locks;
  others = 0;
  Stanza stanza;
  while (const auto line = next_line(text)) {
    if (line->empty()) {
      take_stanza(stanza, locks, others);
      continue;
    }
    const size_t colon = line->find(':');
    if (line->front() == '#' || colon == std::string_view::npos) continue;
    stanza[std::string(trim(line->substr(0, colon)))] = trim(line->substr(colon + 1));
  }
  take_stanza(stanza, locks, others);
  return locks;
}

}  // namespace muster::packages_rpm
