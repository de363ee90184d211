#include "agent/probes/zone/tag_list.h"

#include <absl/strings/ascii.h>

#include <algorithm>

#include "common/text.h"

namespace muster::zone {

std::optional<TagList> parse_tag_list(std::string_view text) {
  TagList tags;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    // Behind the last semicolon.
    if (part.empty() && trim(text).empty()) break;
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view written = trim(part.substr(0, equals));
    const std::string name = absl::AsciiStrToLower({written.data(), written.size()});
    if (name.empty() || find_tag(tags, name) != nullptr) return std::nullopt;
    tags.emplace_back(name, trim(part.substr(equals + 1)));
  }
  return tags;
}

const std::string* find_tag(const TagList& tags, std::string_view name) {
  const auto found =
      std::find_if(tags.begin(), tags.end(), [name](const auto& tag) { return tag.first == name; });
  return found == tags.end() ? nullptr : &found->second;
}

}  // namespace muster::zone
