#include "common/policy/file/selectors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "common/labels.h"
#include "common/targets/target_kinds.h"
#include "common/text.h"

namespace muster::policy {
namespace {

// Prometheus and Muster's own metrics need them.
constexpr std::array<std::string_view, 6> kTakenLabels = {"host", "instance", "job",
                                                          "le",   "quantile", "target"};
// As Linux bounds a host's fully qualified name.
constexpr size_t kLongestHostName = 253;
// A host's own target has the host's name before its own.
constexpr size_t kLongestTargetName = 2 * kLongestHostName + 1;

std::string quoted_name(const std::string& text) {
  return fmt::format("'{}'", printable(text, 80));
}

// The first few of them, as a sentence has them.
std::string some_of(const std::vector<std::string>& values) {
  std::vector<std::string> shown;
  for (const std::string& value : values)
    shown.push_back(printable(value, 80));
  return join_some(shown, 10);
}

void read_label(YamlMap& map, const std::string& name, TakenNames& taken, Vocabulary& labels) {
  taken.take(map, name, name);
  if (const absl::Status status = check_label(name, ""); !status.ok()) {
    map.complain(name, std::string(status.message()));
    return;
  }
  if (std::find(kTakenLabels.begin(), kTakenLabels.end(), name) != kTakenLabels.end()) {
    map.complain(name, fmt::format("'{}' is a label that metrics have for themselves: call it "
                                   "something else",
                                   name));
    return;
  }
  std::vector<std::string>& values = labels[name];
  if (!map.is_blank(name)) values = read_items(map, name, kLabelValueLimit);
}

// Names of hosts have none of the others, so a pattern with them matches none.
bool may_match_a_host(const std::string& pattern) {
  return std::all_of(pattern.begin(), pattern.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("._-*?[]!^").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

// os-release(5): an ID is of lower-case letters, digits, '.', '_' and '-'.
bool may_match_an_os(const std::string& pattern) {
  const std::string id = pattern.substr(0, pattern.find(':'));
  return !id.empty() && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 ||
           std::string_view("._-*?[]!^").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

// Names of targets, as of hosts, with what addresses have beside: "[2001:db8::1]:443", "web1/mail".
bool may_match_a_target(const std::string& pattern) {
  return std::all_of(pattern.begin(), pattern.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("._-:/\\*?[]!^").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

std::vector<std::string_view> known_kinds() {
  std::vector<std::string_view> kinds{kHostKind, kAnyTarget};
  for (const TargetKind& kind : all_target_kinds())
    kinds.push_back(kind.name);
  return kinds;
}

// What the selector is about; complains of what nothing of that kind has.
std::string read_kind(YamlMap& map, std::string_view usual) {
  std::string kind = map.one_of("kind", known_kinds()).value_or(std::string(usual));
  const std::string_view of_hosts = map.has("hosts") ? "hosts" : map.has("os") ? "os" : "";
  const bool names_targets = map.has("targets");
  if (kind.empty() && names_targets) {
    kind = kAnyTarget;
  } else if (kind.empty() && !of_hosts.empty()) {
    kind = kHostKind;
  }
  if (kind == kHostKind && names_targets) {
    map.complain("targets",
                 fmt::format("'targets' names targets, and this selector is about hosts: add "
                             "'kind: {}' to it, or name hosts in 'hosts'",
                             kAnyTarget));
  } else if (kind != kHostKind && !of_hosts.empty()) {
    map.complain(of_hosts,
                 fmt::format("'{}' is of hosts, and this selector is about targets: {}", of_hosts,
                             of_hosts == "hosts" ? "name them in 'targets'" : "remove the line"));
  }
  return kind;
}

std::vector<std::string> read_names(YamlMap& map, std::string_view kind) {
  std::vector<std::string> hosts = read_items(map, "hosts", kLongestHostName);
  for (size_t i = 0; i < hosts.size(); ++i) {
    if (may_match_a_host(hosts[i])) continue;
    map.complain_of_item("hosts", i,
                         fmt::format("no host can be called {}: names have letters, digits, '.', "
                                     "'-' and '_'; '*' stands for any of them",
                                     quoted_name(hosts[i])));
  }
  std::vector<std::string> targets = read_items(map, "targets", kLongestTargetName);
  for (size_t i = 0; i < targets.size(); ++i) {
    if (may_match_a_target(targets[i])) continue;
    map.complain_of_item("targets", i,
                         fmt::format("no target can be called {}: names have letters, digits, "
                                     "'.', '-', '_', ':' and brackets; '*' stands for any of them",
                                     quoted_name(targets[i])));
  }
  return kind == kHostKind ? hosts : targets;
}

std::vector<std::string> read_os(YamlMap& map) {
  std::vector<std::string> os = read_items(map, "os");
  for (size_t i = 0; i < os.size(); ++i) {
    if (may_match_an_os(os[i])) continue;
    map.complain_of_item("os", i,
                         fmt::format("no operating system has the id {}: write it as ID (or "
                                     "ID:VERSION_ID) of /etc/os-release, like debian or "
                                     "\"ubuntu:22.04\"",
                                     quoted_name(os[i])));
  }
  return os;
}

// Whether whatever `selector` selects is also in `except`, by what both say: then nothing is left.
bool takes_all(const Selector& except, const Selector& selector) {
  if (except.kind != selector.kind && !selects_kind(except, selector.kind)) return false;
  const auto none_or_same = [](const auto& a, const auto& b) { return a.empty() || a == b; };
  return except.except.empty() && none_or_same(except.hosts, selector.hosts) &&
         none_or_same(except.groups, selector.groups) && none_or_same(except.os, selector.os) &&
         std::all_of(except.labels.begin(), except.labels.end(), [&selector](const auto& label) {
           const auto same = selector.labels.find(label.first);
           return same != selector.labels.end() && same->second == label.second;
         });
}

}  // namespace

Vocabulary read_vocabulary(std::span<YamlMap> files) {
  Vocabulary labels;
  TakenNames taken("the label");
  for (YamlMap& file : files) {
    std::optional<YamlMap> map = file.map("labels");
    if (!map) continue;
    const std::vector<std::string> names = map->names();
    if (labels.size() + names.size() > kMostLabels) {
      file.complain("labels", fmt::format("a host has at most {} labels", kMostLabels));
      continue;
    }
    for (const std::string& name : names)
      read_label(*map, name, taken, labels);
  }
  return labels;
}

Selector SelectorReader::read(YamlMap& map, std::string_view usual_kind) {
  Selector selector;
  selector.place.text = map.place();
  selector.kind = read_kind(map, usual_kind);
  selector.hosts = read_names(map, selector.kind);
  read_labels(map, selector);
  read_groups(map, selector);
  selector.os = read_os(map);
  read_except(map, selector);
  selector.may_be_empty = map.boolean("may_be_empty").value_or(false);
  return selector;
}

Selector SelectorReader::read_at(YamlMap& map, std::string_view key, std::string_view usual_kind) {
  if (map.is_blank(key)) {
    map.complain(key, fmt::format("'{}' selects nothing: write {{}} for every {}", key,
                                  usual_kind.empty() ? "host and target" : usual_kind));
  }
  std::optional<YamlMap> selector = map.map(key);
  if (selector) return read(*selector, usual_kind);
  Selector everyone;
  everyone.kind = std::string(usual_kind);
  everyone.place.text = map.place();
  return everyone;
}

Selector SelectorReader::require_at(YamlMap& map, std::string_view key,
                                    std::string_view usual_kind) {
  map.require(key);
  return read_at(map, key, usual_kind);
}

void SelectorReader::read_labels(YamlMap& map, Selector& selector) {
  if (map.is_blank("labels") || (map.is_map("labels") && map.size("labels") == 0)) {
    map.complain("labels", "'labels' names none: name one, or remove the line");
  }
  if (map.size("labels") > kMostLabels) {
    map.complain("labels", fmt::format("a host has at most {} labels", kMostLabels));
    return;
  }
  std::optional<YamlMap> labels = map.map("labels");
  if (!labels) return;
  for (const std::string& name : labels->names()) {
    if (!labels_.contains(name)) {
      labels->complain(name, undeclared(name));
      continue;
    }
    std::vector<std::string> values = read_items(*labels, name, kLabelValueLimit);
    for (size_t i = 0; i < values.size(); ++i)
      check_value(*labels, name, i, values[i]);
    selector.labels[name] = std::move(values);
  }
}

std::string SelectorReader::undeclared(std::string_view name) const {
  std::vector<std::string_view> known;
  for (const auto& [label, values] : labels_)
    known.push_back(label);
  const std::string hint = did_you_mean(name, known);
  return fmt::format("the label '{}' is not declared{}", printable(name, 80),
                     hint.empty()
                         ? ": add it below 'labels:' at the top of a policy file, with the values "
                           "it may have or none for any"
                         : hint);
}

void SelectorReader::check_value(YamlMap& labels, const std::string& name, size_t item,
                                 const std::string& value) {
  const std::vector<std::string>& declared = labels_.at(name);
  const bool matches = std::any_of(declared.begin(), declared.end(), [&value](const auto& known) {
    return matches_glob(value, known);
  });
  if (declared.empty() || matches) return;
  labels.complain_of_item(name, item,
                          fmt::format("no value of the label '{}' is {}: 'labels:' declares {}",
                                      name, quoted_name(value), some_of(declared)));
}

void SelectorReader::read_groups(YamlMap& map, Selector& selector) {
  const std::vector<std::string> names = read_items(map, "groups", kLongestId);
  for (size_t i = 0; i < names.size(); ++i) {
    if (const auto group = groups_.find(names[i]); group != groups_.end()) {
      selector.groups.push_back(group->second);
      continue;
    }
    std::vector<std::string_view> known;
    for (const auto& [name, index] : groups_)
      known.push_back(name);
    map.complain_of_item("groups", i,
                         fmt::format("there is no group {}{}", quoted_name(names[i]),
                                     did_you_mean(names[i], known)));
  }
}

void SelectorReader::read_except(YamlMap& map, Selector& selector) {
  if (map.is_blank("not")) map.complain("not", "'not' says nothing: remove the line");
  std::optional<YamlMap> except = map.map("not");
  if (!except) return;
  selector.except.push_back(read(*except, selector.kind));
  if (takes_all(selector.except.front(), selector)) {
    map.complain("not", "it takes out all that the selector has, so nothing is left");
  }
}

}  // namespace muster::policy
