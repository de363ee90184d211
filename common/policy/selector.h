// Which hosts and targets a part of the policy is about. Pure; any thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace muster::policy {

// Where something is written, "policy.d/20-web.yml:12:5", for complaints. No part of what is
// written: all places are equal.
struct Place {
  std::string text;
  bool operator==(const Place&) const { return true; }
};

inline constexpr std::string_view kHostKind = "host";
inline constexpr std::string_view kAnyTarget = "target";

// What a sentence calls an entity of that kind: "host", "target".
constexpr std::string_view noun_of(std::string_view kind) {
  return kind == kHostKind ? kHostKind : kAnyTarget;
}

// All that is given must match; an empty selector selects everything of its kind. Where several are
// given of one thing, one of them must match. A `*` in a value stands for any text, as in fnmatch.
struct Selector {
  // What kind of entity: "host", a kind of target ("tcp"), "target" for targets of every kind, or
  // empty for hosts and targets alike.
  std::string kind = "host";
  // Names of hosts, or of targets where the kind is one.
  std::vector<std::string> hosts = {};
  // Labels from the token or the inventory; of a target, from where it is listed.
  std::map<std::string, std::vector<std::string>> labels = {};
  // Indices in Policy::groups.
  std::vector<size_t> groups = {};
  // As os-release has them: "debian", "debian:12".
  std::vector<std::string> os = {};
  // Those that it does not select after all: none or one.
  std::vector<Selector> except = {};
  // That it selects nothing of the fleet is meant so.
  bool may_be_empty = false;
  Place place = {};

  bool operator==(const Selector&) const = default;
};

// A named set of hosts and targets: those that any of the selectors selects. It names only groups
// before it.
struct Group {
  std::string name;
  std::string title = {};
  std::vector<Selector> any_of = {};
  Place place = {};
  bool operator==(const Group&) const = default;
};

// Whether a selector selects a host or target. Unknown: it asks for what a host has not told yet,
// its operating system.
enum class Match { kNo, kYes, kUnknown };

// What selectors look at, of a host or a target.
struct HostTraits {
  // "host", or a target's: "tcp".
  std::string_view kind = "host";
  std::string_view name = {};
  // Null: none.
  const std::map<std::string, std::string>* labels = nullptr;
  // Empty: not told yet.
  std::string_view os_id = {};
  std::string_view os_version = {};
};

// Whether it is about entities of a kind ("host", "tcp") at all.
bool selects_kind(const Selector& selector, std::string_view kind);

// `groups`: by index, for those that the selector names (see match_groups).
Match match(const Selector& selector, const HostTraits& host, std::span<const Match> groups);

// Whether the host is in each of the groups.
std::vector<Match> match_groups(std::span<const Group> groups, const HostTraits& host);

// fnmatch, byte by byte: `*`, `?` and `[abc]`; a `*` also stands for a `/`. Text with a NUL byte is
// matched by nothing.
bool matches_glob(const std::string& pattern, std::string_view text);

}  // namespace muster::policy
