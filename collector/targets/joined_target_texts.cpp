#include "collector/targets/joined_target_texts.h"

#include <fmt/format.h>

#include <charconv>

#include "collector/sources/source_text.h"

namespace muster::collector {

static_assert(kTargetTextsBytes <= kSourceBytes);

std::string join_target_texts(std::span<const TargetText> texts) {
  std::string joined;
  for (const TargetText& text : texts)
    joined += fmt::format("{} {}\n{}", text.text.size(), text.name, text.text);
  return joined;
}

absl::StatusOr<std::vector<TargetText>> split_target_texts(const std::string& joined) {
  std::vector<TargetText> texts;
  std::string_view rest = joined;
  while (!rest.empty()) {
    size_t size = 0;
    const size_t line = rest.find('\n');
    const std::string_view head = rest.substr(0, line);
    const auto [end, error] = std::from_chars(head.data(), head.data() + head.size(), size);
    const auto digits = static_cast<size_t>(end - head.data());
    if (line == std::string_view::npos || error != std::errc() || head.size() <= digits + 1 ||
        head[digits] != ' ' || size > rest.size() - line - 1) {
      return absl::InvalidArgumentError("it is not what lists of targets are kept as");
    }
    texts.push_back({.name = std::string(head.substr(digits + 1)),
                     .text = std::string(rest.substr(line + 1, size))});
    rest.remove_prefix(line + 1 + size);
  }
  return texts;
}

}  // namespace muster::collector
