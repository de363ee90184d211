#include "common/policy/file/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "common/text.h"

namespace muster::policy {
namespace {

bool has_control_characters(const std::string& text) {
  return printable(text, text.size() * 4 + 4) != text;
}

// Nothing where it is absent or complained of.
std::optional<std::string> bounded_text(YamlMap& map, std::string_view key, size_t limit) {
  const std::optional<std::string> written = map.text(key);
  if (!written) return std::nullopt;
  std::string text(trim(*written));
  // As `>` and `|` leave them.
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.size() > limit) {
    map.complain(key, fmt::format("'{}' has more than {} bytes", key, limit));
    return std::nullopt;
  }
  if (has_control_characters(text)) {
    map.complain(key, fmt::format("'{}' has control characters: remove them", key));
    return std::nullopt;
  }
  return text;
}

bool is_id(const std::string& id) {
  return !id.empty() && id.size() <= kLongestId &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return c < 0x80 && (std::isalnum(c) != 0 || c == '-');
         });
}

}  // namespace

void TakenNames::take(YamlMap& map, std::string_view key, const std::string& name) {
  const auto [taken, is_new] = places_.emplace(name, map.place(key));
  if (is_new) return;
  map.complain(key, fmt::format("{} '{}' comes twice, first at {}", what_, printable(name, 80),
                                taken->second));
}

std::string read_id(YamlMap& map, std::string_view key) {
  map.require(key);
  const std::optional<std::string> id = map.text(key);
  if (!id) return "";
  if (is_id(*id)) return *id;
  map.complain(key, fmt::format("'{}' must be 1 to {} letters, digits and dashes, not '{}'", key,
                                kLongestId, printable(*id, 80)));
  return "";
}

std::string read_text(YamlMap& map, std::string_view key, size_t limit) {
  return bounded_text(map, key, limit).value_or("");
}

std::string require_text(YamlMap& map, std::string_view key, size_t limit) {
  map.require(key);
  const std::optional<std::string> text = bounded_text(map, key, limit);
  if (text == "") map.complain(key, fmt::format("'{}' says nothing", key));
  return text.value_or("");
}

std::optional<TimePoint> require_time(YamlMap& map, std::string_view key) {
  map.require(key);
  const std::optional<TimePoint> time = map.time(key);
  if (!time) return std::nullopt;
  using std::chrono::sys_days;
  using namespace std::chrono_literals;
  if (*time >= sys_days(2000y / 1 / 1) && *time < sys_days(2200y / 1 / 1)) return time;
  map.complain(key, fmt::format("'{}' must be a year from 2000 to 2199", key));
  return std::nullopt;
}

std::vector<std::string> read_items(YamlMap& map, std::string_view key, size_t limit) {
  if (map.size(key) > kMostItems) {
    map.complain(key, fmt::format("'{}' has more than {} items", key, kMostItems));
    return {};
  }
  std::optional<std::vector<std::string>> items = map.texts(key);
  if (!items) return {};
  if (map.size(key) == 0) {
    map.complain(key,
                 fmt::format("'{}' is an empty list, which matches nothing: name one, or remove "
                             "the line",
                             key));
  }
  // One is missing where it was no text: that is complained of, and the others have other places.
  if (items->size() != map.size(key)) return {};
  std::set<std::string_view> seen;
  for (size_t i = 0; i < items->size(); ++i) {
    const std::string& item = (*items)[i];
    if (item.empty() || item.size() > limit || has_control_characters(item)) {
      map.complain_of_item(
          key, i,
          fmt::format("'{}' has items of 1 to {} bytes without control characters", key, limit));
    } else if (!seen.insert(item).second) {
      map.complain_of_item(key, i,
                           fmt::format("'{}' comes twice in '{}'", printable(item, 80), key));
    }
  }
  return *std::move(items);
}

}  // namespace muster::policy
