// What the parts of a policy file have in common: names, bounded texts and lists. A complaint goes
// to the document; what is read then is empty.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/yaml_reader.h"

namespace muster::policy {

inline constexpr size_t kLongestId = 64;
// Of a title, a name, a contact, in bytes.
inline constexpr size_t kLongestText = 200;
inline constexpr size_t kLongestReason = 1000;
// Values or patterns of one list.
inline constexpr size_t kMostItems = 1000;

// Names that may come once in the whole policy.
class TakenNames {
 public:
  // `what` as in "the id 'a' comes twice".
  explicit TakenNames(std::string_view what) : what_(what) {}
  // Complains, with both places, if another has the name.
  void take(YamlMap& map, std::string_view key, const std::string& name);

 private:
  std::string what_;
  std::map<std::string, std::string> places_;
};

// Letters, digits and dashes, required.
std::string read_id(YamlMap& map, std::string_view key);

// Without white space at its ends, lines joined, at most so many bytes; "" if absent.
std::string read_text(YamlMap& map, std::string_view key, size_t limit = kLongestText);
std::string require_text(YamlMap& map, std::string_view key, size_t limit = kLongestText);

// A time between 2000 and 2199, required: another year is a slip of the pen.
std::optional<TimePoint> require_time(YamlMap& map, std::string_view key);

// A list with 1 to kMostItems items, each of 1 to `limit` bytes and none twice; empty if absent.
std::vector<std::string> read_items(YamlMap& map, std::string_view key,
                                    size_t limit = kLongestText);

}  // namespace muster::policy
