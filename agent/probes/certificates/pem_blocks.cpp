#include "agent/probes/certificates/pem_blocks.h"

#include "common/text.h"

namespace muster {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

// The label of a line "<prefix>label-----"; empty if it is none. White space may follow.
std::string_view label_of(std::string_view line, std::string_view prefix) {
  if (!line.starts_with(prefix)) return {};
  const std::string_view rest = trim(line.substr(prefix.size()));
  if (!rest.ends_with(kDashes)) return {};
  return rest.substr(0, rest.size() - kDashes.size());
}

}  // namespace

std::vector<PemBlock> find_pem_blocks(std::string_view text) {
  std::vector<PemBlock> blocks;
  std::string_view open;  // the label of the block that has begun
  size_t begin = 0;       // where it has
  const auto close = [&](size_t end) {
    if (!open.empty()) blocks.push_back({open, text.substr(begin, end - begin)});
    open = {};
  };
  for (size_t start = 0; start < text.size();) {
    const size_t newline = text.find('\n', start);
    const size_t next = newline == std::string_view::npos ? text.size() : newline + 1;
    const std::string_view line = text.substr(start, next - start);
    if (const std::string_view label = label_of(line, kBegin); !label.empty()) {
      close(start);
      open = label;
      begin = start;
    } else if (!open.empty() && label_of(line, kEnd) == open) {
      close(next);
    }
    start = next;
  }
  close(text.size());
  return blocks;
}

}  // namespace muster
