#include "common/policy/selector.h"

#include <algorithm>

#include "common/glob.h"

namespace muster::policy {
namespace {

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [text](const std::string& pattern) { return matches_glob(pattern, text); });
}

Match both(Match a, Match b) {
  if (a == Match::kNo || b == Match::kNo) return Match::kNo;
  return a == Match::kUnknown ? a : b;
}

Match either(Match a, Match b) {
  if (a == Match::kYes || b == Match::kYes) return Match::kYes;
  return a == Match::kUnknown ? a : b;
}

Match negated(Match match) {
  if (match == Match::kUnknown) return match;
  return match == Match::kYes ? Match::kNo : Match::kYes;
}

bool has_labels(const Selector& selector, const HostTraits& host) {
  for (const auto& [name, values] : selector.labels) {
    if (host.labels == nullptr) return false;
    const auto label = host.labels->find(name);
    if (label == host.labels->end() || !matches_any(values, label->second)) return false;
  }
  return true;
}

Match match_os(const Selector& selector, const HostTraits& host) {
  if (selector.os.empty()) return Match::kYes;
  if (host.os_id.empty()) return Match::kUnknown;
  const std::string id(host.os_id);
  const std::string with_version = id + ":" + std::string(host.os_version);
  const bool selects = matches_any(selector.os, id) || matches_any(selector.os, with_version);
  return selects ? Match::kYes : Match::kNo;
}

Match match_any_group(const Selector& selector, std::span<const Match> groups) {
  if (selector.groups.empty()) return Match::kYes;
  Match result = Match::kNo;
  for (const size_t group : selector.groups)
    result = either(result, groups[group]);
  return result;
}

}  // namespace

bool matches_glob(const std::string& pattern, std::string_view text) {
  return muster::matches_glob(pattern, text);
}

bool selects_kind(const Selector& selector, std::string_view kind) {
  return selector.kind.empty() || selector.kind == kind ||
         (selector.kind == kAnyTarget && kind != kHostKind);
}

Match match(const Selector& selector, const HostTraits& host, std::span<const Match> groups) {
  if (!selects_kind(selector, host.kind) || !has_labels(selector, host)) return Match::kNo;
  if (!selector.hosts.empty() && !matches_any(selector.hosts, host.name)) return Match::kNo;
  Match result = both(match_os(selector, host), match_any_group(selector, groups));
  for (const Selector& except : selector.except)
    result = both(result, negated(match(except, host, groups)));
  return result;
}

std::vector<Match> match_groups(std::span<const Group> groups, const HostTraits& host) {
  std::vector<Match> matches;
  matches.reserve(groups.size());
  for (const Group& group : groups) {
    Match result = Match::kNo;
    for (const Selector& selector : group.any_of)
      result = either(result, match(selector, host, matches));
    matches.push_back(result);
  }
  return matches;
}

}  // namespace muster::policy
