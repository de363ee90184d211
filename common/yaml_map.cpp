#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "common/duration.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "common/yaml_reader.h"
#include "common/yaml_state.h"

namespace muster {

bool YamlMap::has(std::string_view key) const {
  return document_->ask(index_, key) != nullptr;
}

bool YamlMap::is_map(std::string_view key) const {
  const YamlKey* const found = document_->ask(index_, key);
  return found != nullptr && document_->node(found->value).kind == YamlNode::Kind::kMap;
}

bool YamlMap::is_blank(std::string_view key) const {
  const YamlKey* const found = document_->ask(index_, key);
  return found != nullptr && document_->node(found->value).kind == YamlNode::Kind::kNull;
}

size_t YamlMap::size(std::string_view key) const {
  const YamlKey* const found = document_->ask(index_, key);
  if (found == nullptr) return 0;
  const YamlNode& value = document_->node(found->value);
  return value.kind == YamlNode::Kind::kMap ? value.keys.size() : value.items.size();
}

std::vector<std::string> YamlMap::names() {
  YamlNode& map = document_->node(index_);
  map.known.clear();
  for (const YamlKey& key : map.keys)
    map.known.push_back(key.name);
  return map.known;
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
  // Of one there is nothing to choose, and nothing to guess.
  const bool is_choice = allowed.size() > 1;
  document_->complain(
      value->place,
      fmt::format("'{}' is '{}', but must be {}{}{}", yaml::shown(key), yaml::shown(value->text),
                  is_choice ? "one of " : "", fmt::join(allowed, ", "),
                  is_choice ? did_you_mean(value->text, allowed) : ""));
  return std::nullopt;
}

std::optional<bool> YamlMap::boolean(std::string_view key) {
  const YamlNode* const value = document_->scalar(index_, key);
  if (value == nullptr) return std::nullopt;
  if (!value->quoted && value->text == "true") return true;
  if (!value->quoted && value->text == "false") return false;
  document_->complain(value->place, fmt::format("'{}' must be true or false, not '{}'",
                                                yaml::shown(key), yaml::shown(value->text)));
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
                      fmt::format("'{}' must be a whole number from {} to {}, not '{}'",
                                  yaml::shown(key), low, high, yaml::shown(text)));
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
  document_->complain(value->place, fmt::format("'{}' must be a number from {} to {}, not '{}'",
                                                yaml::shown(key), fmt::format("{:g}", low),
                                                fmt::format("{:g}", high), yaml::shown(text)));
  return std::nullopt;
}

std::optional<Duration> YamlMap::duration(std::string_view key, Duration low, Duration high) {
  const YamlNode* const value = document_->scalar(index_, key);
  if (value == nullptr) return std::nullopt;
  const absl::StatusOr<Duration> parsed = parse_duration(value->text);
  if (parsed.ok() && *parsed >= low && *parsed <= high) return *parsed;
  if (parsed.ok()) {
    document_->complain(value->place, fmt::format("'{}' must be from {} to {}, not {}",
                                                  yaml::shown(key), format_duration(low),
                                                  format_duration(high), format_duration(*parsed)));
  } else {
    const absl::string_view why = parsed.status().message();
    document_->complain(value->place,
                        fmt::format("'{}': {}", yaml::shown(key),
                                    printable(std::string_view(why.data(), why.size()), 200)));
  }
  return std::nullopt;
}

std::optional<TimePoint> YamlMap::time(std::string_view key) {
  const YamlNode* const value = document_->scalar(index_, key);
  if (value == nullptr) return std::nullopt;
  if (const std::optional<TimePoint> date = parse_iso_date(value->text)) return date;
  if (const std::optional<TimePoint> time = parse_iso8601(value->text)) return time;
  // Of the right form, so that the fault is in the numbers.
  const bool is_no_such_day =
      (value->text.size() == std::string_view("2026-11-21").size() ||
       value->text.size() == std::string_view("2026-11-21T20:58:43Z").size()) &&
      value->text.find_first_not_of("0123456789-:TZ") == std::string::npos;
  document_->complain(value->place,
                      fmt::format("'{}' must be a date, as 2026-11-21, or a time in UTC, as "
                                  "2026-11-21T20:58:43Z, not '{}'{}",
                                  yaml::shown(key), yaml::shown(value->text),
                                  is_no_such_day ? ", which the calendar does not have" : ""));
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
                          fmt::format("'{}' must be a list of single values, not of {}",
                                      yaml::shown(key), yaml::kind_name(value.kind)));
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
  return YamlMap(document_, found->value).pairs();
}

std::vector<std::pair<std::string, std::string>> YamlMap::pairs() {
  std::vector<std::pair<std::string, std::string>> result;
  YamlNode& map = document_->node(index_);
  map.known.clear();
  for (const YamlKey& pair : map.keys) {
    map.known.push_back(pair.name);
    const YamlNode& value = document_->node(pair.value);
    if (value.kind == YamlNode::Kind::kScalar) {
      result.emplace_back(pair.name, value.text);
    } else {
      document_->complain(pair.place,
                          fmt::format("'{}' must be a single value, not {}", yaml::shown(pair.name),
                                      yaml::kind_name(value.kind)));
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
                                                   yaml::shown(key), yaml::kind_name(value.kind)));
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
    // Not by ask(), which would look through all of them for each.
    document_->node(index_).known.push_back(key.name);
    result.emplace_back(key.name, document_->open(key.value));
  }
  return result;
}

void YamlMap::require(std::string_view key) {
  if (document_->ask(index_, key) != nullptr) return;
  document_->complain(document_->node(index_).place,
                      fmt::format("'{}' is missing", yaml::shown(key)));
}

void YamlMap::complain(std::string_view key, std::string_view what) {
  const YamlKey* const found = document_->ask(index_, key);
  const YamlNode& place_of = document_->node(found == nullptr ? index_ : found->value);
  document_->complain(place_of.place, std::string(what));
}

void YamlMap::complain_of_item(std::string_view key, size_t item, std::string_view what) {
  const YamlKey* const found = document_->ask(index_, key);
  if (found == nullptr || item >= document_->node(found->value).items.size()) {
    complain(key, what);
    return;
  }
  const size_t node = document_->node(found->value).items[item];
  document_->complain(document_->node(node).place, std::string(what));
}

std::string YamlMap::place(std::string_view key) const {
  // Not by ask(): what is told is not thereby known.
  const YamlNode* at = &document_->node(index_);
  for (const YamlKey& candidate : document_->node(index_).keys) {
    if (candidate.name == key) at = &document_->node(candidate.value);
  }
  return fmt::format("{}:{}:{}", document_->name, at->place.line, at->place.column);
}

}  // namespace muster
