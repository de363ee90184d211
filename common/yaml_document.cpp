#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "common/text.h"
#include "common/yaml_reader.h"
#include "common/yaml_state.h"

namespace muster {

namespace yaml {

std::string shown(std::string_view text) {
  return printable(text, 80);
}

std::string_view kind_name(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a single value";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
  }
  return "something else";
}

}  // namespace yaml

YamlKey* YamlDocument::State::ask(size_t map, std::string_view key) {
  std::vector<std::string>& known = node(map).known;
  if (std::find(known.begin(), known.end(), key) == known.end()) known.emplace_back(key);
  for (YamlKey& candidate : node(map).keys) {
    if (candidate.name == key) return &candidate;
  }
  return nullptr;
}

YamlNode* YamlDocument::State::value_of_kind(size_t map, std::string_view key,
                                             YamlNode::Kind kind) {
  const YamlKey* const found = ask(map, key);
  if (found == nullptr) return nullptr;
  YamlNode& value = node(found->value);
  if (value.kind == kind) return &value;
  if (value.kind == YamlNode::Kind::kNull) {
    complain(found->place,
             fmt::format("'{}' has no value: give it one or remove the line", yaml::shown(key)));
  } else {
    complain(value.place, fmt::format("'{}' must be {}, not {}", yaml::shown(key),
                                      yaml::kind_name(kind), yaml::kind_name(value.kind)));
  }
  return nullptr;
}

void YamlDocument::State::complain_unknown_keys() {
  for (const YamlNode& map : tree.nodes) {
    if (!map.opened) continue;
    const std::vector<std::string_view> known(map.known.begin(), map.known.end());
    // A map of names that a site chooses may have tens of thousands.
    const std::unordered_set<std::string_view> is_known(known.begin(), known.end());
    for (const YamlKey& key : map.keys) {
      if (is_known.contains(key.name)) continue;
      if (map.names_are_free) {
        complain(key.place, fmt::format("'{}' must be a map", yaml::shown(key.name)));
        continue;
      }
      std::string hint = did_you_mean(key.name, known);
      if (hint.empty() && !known.empty()) {
        hint = fmt::format(" (known here: {})", fmt::join(known, ", "));
      }
      complain(key.place, fmt::format("unknown key '{}'{}", yaml::shown(key.name), hint));
    }
  }
}

YamlDocument::YamlDocument(std::unique_ptr<State> state) : state_(std::move(state)) {}
YamlDocument::YamlDocument(YamlDocument&&) noexcept = default;
YamlDocument& YamlDocument::operator=(YamlDocument&&) noexcept = default;
YamlDocument::~YamlDocument() = default;

absl::StatusOr<YamlDocument> YamlDocument::parse(const std::string& text, std::string name,
                                                 size_t largest) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  absl::StatusOr<YamlTree> tree = parse_yaml_tree(text, state->name, largest);
  if (!tree.ok()) return tree.status();
  state->tree = *std::move(tree);
  return YamlDocument(std::move(state));
}

YamlMap YamlDocument::root() {
  return state_->open(state_->tree.root);
}

absl::Status YamlDocument::finish() {
  const auto noted = static_cast<std::ptrdiff_t>(state_->complaints.size());
  state_->complain_unknown_keys();
  std::vector<State::Complaint> all = state_->complaints;
  // Asking twice must not say everything twice.
  state_->complaints.erase(state_->complaints.begin() + noted, state_->complaints.end());
  if (all.empty()) return absl::OkStatus();
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.place < b.place; });
  std::string text;
  for (const State::Complaint& complaint : all) {
    if (!text.empty()) text += '\n';
    text += format_yaml_complaint(state_->name, complaint.place, complaint.what);
  }
  return absl::InvalidArgumentError(text);
}

}  // namespace muster
