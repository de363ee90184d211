#include "agent/sealed_bytes.h"

#include <fmt/format.h>

#include "common/digest.h"

namespace muster::agent {
namespace {

constexpr size_t kDigestSize = 32;

}  // namespace

std::string seal(std::string_view magic, std::string_view content) {
  // The digest covers the first line too: a cursor can never pass for a version.
  return fmt::format("{}{}{}", magic, sha256(std::string(magic).append(content)), content);
}

absl::StatusOr<std::string_view> unseal(std::string_view magic, std::string_view bytes) {
  if (!bytes.starts_with(magic) || bytes.size() < magic.size() + kDigestSize) {
    return absl::DataLossError("it does not begin as such a file does");
  }
  const std::string_view content = bytes.substr(magic.size() + kDigestSize);
  const std::string sealed = std::string(magic).append(content);
  if (bytes.substr(magic.size(), kDigestSize) != sha256(sealed)) {
    return absl::DataLossError("its checksum is wrong");
  }
  return content;
}

}  // namespace muster::agent
