#include "common/yaml_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "common/duration.h"
#include "common/text.h"
#include "common/yaml_tree.h"

namespace muster {
namespace {

// Text of the file as it is shown in a complaint.
std::string shown(std::string_view text) {
  return printable(text, 80);
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known) {
  const std::string_view nearest = nearest_name(name, known);
  return nearest.empty() ? "" : fmt::format(", did you mean '{}'?", nearest);
}

std::string kind_name(YamlNode::Kind kind) {
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

// As `1,000` never occurs in a configuration, digits as they are.
std::string plain_number(double value) {
  return fmt::format("{:g}", value);
}

}  // namespace

struct YamlDocument::State {
  struct Complaint {
    YamlPlace place;
    std::string what;
  };

  std::string name;
  YamlTree tree;
  std::vector<Complaint> complaints;

  YamlNode& node(size_t index) { return tree.nodes[index]; }
  YamlKey* find(size_t map, std::string_view key) {
    for (YamlKey& candidate : node(map).keys) {
      if (candidate.name == key) return &candidate;
    }
    return nullptr;
  }
  // Finds the key and makes it known.
  YamlKey* ask(size_t map, std::string_view key) {
    std::vector<std::string>& known = node(map).known;
    if (std::find(known.begin(), known.end(), key) == known.end()) known.emplace_back(key);
    return find(map, key);
  }
  void complain(YamlPlace place, std::string what) {
    complaints.push_back({place, std::move(what)});
  }
  // The value of `key` if it is of that kind; a complaint and null if it is of another.
  YamlNode* value_of_kind(size_t map, std::string_view key, YamlNode::Kind kind) {
    const YamlKey* const found = ask(map, key);
    if (found == nullptr) return nullptr;
    YamlNode& value = node(found->value);
    if (value.kind == kind) return &value;
    if (value.kind == YamlNode::Kind::kNull) {
      complain(found->place,
               fmt::format("'{}' has no value: give it one or remove the line", shown(key)));
    } else {
      complain(value.place, fmt::format("'{}' must be {}, not {}", shown(key), kind_name(kind),
                                        kind_name(value.kind)));
    }
    return nullptr;
  }
  const YamlNode* scalar(size_t map, std::string_view key) {
    return value_of_kind(map, key, YamlNode::Kind::kScalar);
  }
  YamlMap open(size_t index) {
    node(index).opened = true;
    return YamlMap(this, index);
  }
  void complain_unknown_keys();
};

void YamlDocument::State::complain_unknown_keys() {
  for (const YamlNode& map : tree.nodes) {
    if (!map.opened) continue;
    const std::vector<std::string_view> known(map.known.begin(), map.known.end());
    for (const YamlKey& key : map.keys) {
      if (std::find(known.begin(), known.end(), key.name) != known.end()) continue;
      if (map.names_are_free) {
        complain(key.place, fmt::format("'{}' must be a map", shown(key.name)));
        continue;
      }
      std::string hint = did_you_mean(key.name, known);
      if (hint.empty() && !known.empty()) {
        hint = fmt::format(" (known here: {})", fmt::join(known, ", "));
      }
      complain(key.place, fmt::format("unknown key '{}'{}", shown(key.name), hint));
    }
  }
}

YamlDocument::YamlDocument(std::unique_ptr<State> state) : state_(std::move(state)) {}
YamlDocument::YamlDocument(YamlDocument&&) noexcept = default;
YamlDocument& YamlDocument::operator=(YamlDocument&&) noexcept = default;
YamlDocument::~YamlDocument() = default;

absl::StatusOr<YamlDocument> YamlDocument::parse(const std::string& text, std::string name) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  absl::StatusOr<YamlTree> tree = parse_yaml_tree(text, state->name);
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

bool YamlMap::has(std::string_view key) const {
  return document_->ask(index_, key) != nullptr;
}

std::optional<std::string> YamlMap::text(std::string_view key) {
  const YamlNode* const value = document_->scalar(index_, key);
  if (value == nullptr) return std::nullopt;
  return value->text;
}

std::optional<std::string> YamlMap::one_of(std::string_view key,
                                           std::vector<std::string_view> allowed) {
  const YamlNode* const value = document_->scalar(index_, key);
  if (value == nullptr) return std::nullopt;
  if (std::find(allowed.begin(), allowed.end(), value->text) != allowed.end()) return value->text;
  document_->complain(value->place, fmt::format("'{}' is '{}', but must be one of {}{}", shown(key),
                                                shown(value->text), fmt::join(allowed, ", "),
                                                did_you_mean(value->text, allowed)));
  return std::nullopt;
}

std::optional<bool> YamlMap::boolean(std::string_view key) {
  const YamlNode* const value = document_->scalar(index_, key);
  if (value == nullptr) return std::nullopt;
  if (!value->quoted && value->text == "true") return true;
  if (!value->quoted && value->text == "false") return false;
  document_->complain(value->place, fmt::format("'{}' must be true or false, not '{}'", shown(key),
                                                shown(value->text)));
  return std::nullopt;
}

std::optional<int64_t> YamlMap::integer(std::string_view key, int64_t low, int64_t high) {
  const YamlNode* const value = document_->scalar(index_, key);
  if (value == nullptr) return std::nullopt;
  const std::string& text = value->text;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // `010` is eight to some readers and ten to others: to us it is a mistake.
  const std::string_view digits = text.starts_with('-') ? std::string_view(text).substr(1) : text;
  const bool ambiguous = digits.size() > 1 && digits.starts_with('0');
  const bool whole = error == std::errc() && end == text.data() + text.size() && !ambiguous;
  if (whole && number >= low && number <= high) return number;
  document_->complain(value->place,
                      fmt::format("'{}' must be a whole number from {} to {}, not '{}'", shown(key),
                                  low, high, shown(text)));
  return std::nullopt;
}

std::optional<double> YamlMap::number(std::string_view key, double low, double high) {
  const YamlNode* const value = document_->scalar(index_, key);
  if (value == nullptr) return std::nullopt;
  const std::string& text = value->text;
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (whole && std::isfinite(number) && number >= low && number <= high) return number;
  document_->complain(value->place,
                      fmt::format("'{}' must be a number from {} to {}, not '{}'", shown(key),
                                  plain_number(low), plain_number(high), shown(text)));
  return std::nullopt;
}

std::optional<Duration> YamlMap::duration(std::string_view key, Duration low, Duration high) {
  const YamlNode* const value = document_->scalar(index_, key);
  if (value == nullptr) return std::nullopt;
  const absl::StatusOr<Duration> parsed = parse_duration(value->text);
  if (parsed.ok() && *parsed >= low && *parsed <= high) return *parsed;
  if (parsed.ok()) {
    document_->complain(value->place, fmt::format("'{}' must be from {} to {}, not {}", shown(key),
                                                  format_duration(low), format_duration(high),
                                                  format_duration(*parsed)));
  } else {
    const absl::string_view why = parsed.status().message();
    document_->complain(value->place,
                        fmt::format("'{}': {}", shown(key),
                                    printable(std::string_view(why.data(), why.size()), 200)));
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> YamlMap::texts(std::string_view key) {
  const YamlNode* const list = document_->value_of_kind(index_, key, YamlNode::Kind::kList);
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> values;
  for (const size_t item : list->items) {
    const YamlNode& value = document_->node(item);
    if (value.kind == YamlNode::Kind::kScalar) {
      values.push_back(value.text);
    } else {
      document_->complain(value.place,
                          fmt::format("'{}' must be a list of single values, not of {}", shown(key),
                                      kind_name(value.kind)));
    }
  }
  return values;
}

std::vector<std::pair<std::string, std::string>> YamlMap::pairs(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> result;
  const YamlKey* const found = document_->ask(index_, key);
  if (found == nullptr || document_->node(found->value).kind == YamlNode::Kind::kNull)
    return result;
  const YamlNode* const map = document_->value_of_kind(index_, key, YamlNode::Kind::kMap);
  if (map == nullptr) return result;
  for (const YamlKey& pair : map->keys) {
    const YamlNode& value = document_->node(pair.value);
    if (value.kind == YamlNode::Kind::kScalar) {
      result.emplace_back(pair.name, value.text);
    } else {
      document_->complain(pair.place, fmt::format("'{}' must be a single value, not {}",
                                                  shown(pair.name), kind_name(value.kind)));
    }
  }
  return result;
}

std::optional<YamlMap> YamlMap::map(std::string_view key) {
  const YamlKey* const found = document_->ask(index_, key);
  if (found == nullptr) return std::nullopt;
  // A section whose every line is commented out is an empty one.
  if (document_->node(found->value).kind == YamlNode::Kind::kNull) return std::nullopt;
  if (document_->value_of_kind(index_, key, YamlNode::Kind::kMap) == nullptr) return std::nullopt;
  return document_->open(found->value);
}

std::vector<YamlMap> YamlMap::maps(std::string_view key) {
  std::vector<YamlMap> result;
  const YamlNode* const list = document_->value_of_kind(index_, key, YamlNode::Kind::kList);
  if (list == nullptr) return result;
  for (const size_t item : list->items) {
    const YamlNode& value = document_->node(item);
    if (value.kind == YamlNode::Kind::kMap) {
      result.push_back(document_->open(item));
    } else {
      document_->complain(value.place, fmt::format("'{}' must be a list of maps, not of {}",
                                                   shown(key), kind_name(value.kind)));
    }
  }
  return result;
}

std::vector<std::pair<std::string, YamlMap>> YamlMap::named_maps() {
  std::vector<std::pair<std::string, YamlMap>> result;
  document_->node(index_).names_are_free = true;
  // By position: asking for a key may grow what an iterator would point into.
  for (size_t i = 0; i < document_->node(index_).keys.size(); ++i) {
    const YamlKey key = document_->node(index_).keys[i];
    const YamlNode::Kind kind = document_->node(key.value).kind;
    if (kind != YamlNode::Kind::kMap && kind != YamlNode::Kind::kNull) continue;
    document_->ask(index_, key.name);
    result.emplace_back(key.name, document_->open(key.value));
  }
  return result;
}

void YamlMap::require(std::string_view key) {
  if (document_->ask(index_, key) != nullptr) return;
  document_->complain(document_->node(index_).place, fmt::format("'{}' is missing", shown(key)));
}

void YamlMap::complain(std::string_view key, std::string_view what) {
  const YamlKey* const found = document_->ask(index_, key);
  const YamlNode& place_of = document_->node(found == nullptr ? index_ : found->value);
  document_->complain(place_of.place, std::string(what));
}

}  // namespace muster
