#include "agent/probes/firmware/nvme/reply_fields.h"

#include <fmt/format.h>

#include <limits>

#include "agent/probes/firmware/little_endian.h"
#include "common/text.h"

namespace muster::nvme {
namespace {

// Of the longest field, 40 bytes, if each had to be escaped.
constexpr size_t kLongestText = 160;

}  // namespace

std::string text_at(std::string_view bytes, size_t at, size_t length) {
  std::string_view text = bytes.substr(at, length);
  while (text.ends_with('\0') || text.ends_with(' '))
    text.remove_suffix(1);
  return printable(trim(text), kLongestText);
}

uint64_t saturated_at(std::string_view bytes, size_t at) {
  return firmware::number_at<uint64_t>(bytes, at + 8) == 0
             ? firmware::number_at<uint64_t>(bytes, at)
             : std::numeric_limits<uint64_t>::max();
}

absl::Status check_size(std::string_view bytes, size_t size, std::string_view what) {
  if (bytes.size() == size) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} has {} bytes, not {}", what, bytes.size(), size));
}

}  // namespace muster::nvme
