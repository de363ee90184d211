#include "common/targets/target_file.h"
#include "common/targets/target_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "common/targets/target_kinds.h"
#include "common/targets/target_rules.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kMostComplaints = 100;
constexpr const char* kOwner = "owner";

std::string text_of(const absl::Status& status) {
  return std::string(status.message());
}

void read_kind(YamlMap& map, std::string& kind) {
  kind = map.one_of("kind", target_kind_names()).value_or(kind);
}

// As written, over what `target` has.
void read_written_times(YamlMap& map, Target& target) {
  target.interval = map.duration("interval", kShortestLookInterval, kLongestLookInterval)
                        .value_or(target.interval);
  target.timeout = map.duration("timeout", kShortestLook, kLongestLook).value_or(target.timeout);
}

void read_times(YamlMap& map, Target& target) {
  const TargetKind* const kind = find_target_kind(target.kind);
  // There is only one: what the defaults say is for the other kinds.
  if (kind != nullptr && kind->once_a_day) target.interval = kind->interval;
  read_written_times(map, target);
  const absl::Status daily = check_kind_interval(target.kind, target.interval);
  if (!daily.ok()) map.complain("interval", text_of(daily));
  take_usual_times(target);
  if (!map.has("timeout")) target.timeout = std::min(target.timeout, target.interval);
  const absl::Status status = check_look_times(target.interval, target.timeout);
  if (!status.ok()) map.complain("timeout", text_of(status));
}

void read_labels(YamlMap& map, Labels& labels) {
  const auto pairs = map.pairs("labels");
  const Labels written(pairs.begin(), pairs.end());
  const std::optional<std::string> owner = map.text(kOwner);
  if (owner && owner->empty()) map.complain(kOwner, "it is empty: leave it out");
  const auto of_labels = written.find(kOwner);
  if (owner && of_labels != written.end() && of_labels->second != *owner) {
    map.complain(kOwner, fmt::format("the label owner says '{}': keep one of them",
                                     printable(of_labels->second, 80)));
  }
  for (const auto& [name, value] : written)
    labels.insert_or_assign(name, value);
  if (owner) labels.insert_or_assign(kOwner, *owner);
  const absl::Status status = check_labels(labels, "a target");
  if (!status.ok()) map.complain("labels", text_of(status));
}

void read_name(YamlMap& map, Target& target) {
  const absl::StatusOr<std::string> usual = usual_target_name(target.kind, target.address);
  target.name = map.text("name").value_or(usual.value_or(""));
  if (!map.has("name") && !usual.ok()) return;
  const absl::Status status = check_target_name(target.name);
  if (!status.ok()) map.complain("name", text_of(status));
}

// What an entry is that says nothing.
Target read_defaults(YamlMap& root) {
  Target usual = unsaid_target();
  std::optional<YamlMap> map = root.map("defaults");
  if (!map) return usual;
  read_kind(*map, usual.kind);
  read_written_times(*map, usual);
  if (usual.interval != Duration(0) && usual.timeout != Duration(0)) {
    const absl::Status status = check_look_times(usual.interval, usual.timeout);
    if (!status.ok()) map->complain("timeout", text_of(status));
  }
  read_labels(*map, usual.labels);
  return usual;
}

std::vector<Target> read_targets(YamlMap& root) {
  std::vector<Target> targets;
  const Target usual = read_defaults(root);
  // A file that says nothing is more likely a mistake than a site without targets.
  root.require("targets");
  if (root.is_blank("targets")) return targets;
  if (root.size("targets") > kMostTargets) {
    root.complain("targets", fmt::format("more than {} targets", kMostTargets));
    return targets;
  }
  for (YamlMap& map : root.maps("targets")) {
    Target target = read_nameless_target(map, usual);
    read_name(map, target);
    read_labels(map, target.labels);
    targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace

Target unsaid_target() {
  Target target;
  target.interval = target.timeout = Duration(0);
  return target;
}

Target read_nameless_target(YamlMap& map, const Target& usual) {
  Target target = usual;
  target.place = map.place();
  read_kind(map, target.kind);
  if (usual.kind.empty()) map.require("kind");
  map.require("address");
  if (std::optional<std::string> address = map.text("address")) {
    const absl::Status status = dialled_address(target.kind, *address).status();
    if (!status.ok()) map.complain("address", text_of(status));
    target.address = *std::move(address);
  }
  read_times(map, target);
  return target;
}

absl::StatusOr<std::vector<Target>> parse_target_file(const std::string& text,
                                                      const std::string& name) {
  absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, name, kLargestTargetFile);
  if (!document.ok()) return document.status();
  YamlMap root = document->root();
  std::vector<Target> targets = read_targets(root);
  if (const absl::Status status = document->finish(); !status.ok()) {
    return absl::InvalidArgumentError(first_lines(text_of(status), kMostComplaints));
  }
  return targets;
}

}  // namespace muster
