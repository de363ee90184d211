#include "collector/sources/source_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/text.h"

namespace muster::collector {
namespace {

// The start of the first line that is not UTF-8.
size_t bad_line(std::string_view text) {
  size_t start = 0;
  for (;;) {
    const size_t end = text.find('\n', start);
    const std::string_view line = text.substr(start, end - start);
    if (end == std::string_view::npos || !is_valid_utf8(line)) return start;
    start = end + 1;
  }
}

}  // namespace

absl::Status source_complaint(std::string_view text, size_t offset, std::string_view name,
                              std::string_view what) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::string_view in_line = before.substr(before.rfind('\n') + 1);
  // Characters, not bytes: those that do not go on with one.
  const auto column = std::count_if(in_line.begin(), in_line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  });
  return absl::InvalidArgumentError(fmt::format("{}:{}:{}: {}", name, line, column + 1, what));
}

absl::Status check_source_text(std::string_view text, std::string_view name) {
  if (text.size() > kSourceBytes) {
    return source_complaint({}, 0, name, fmt::format("larger than {} MiB", kSourceBytes >> 20));
  }
  if (is_valid_utf8(text)) return absl::OkStatus();
  return source_complaint(text, bad_line(text), name, "this line is not UTF-8 text");
}

}  // namespace muster::collector
