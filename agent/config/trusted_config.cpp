#include "agent/config/trusted_config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "agent/config/config_owner.h"
#include "common/files.h"

namespace muster::agent {
namespace {

constexpr size_t kFileLimit = 1 << 20;

absl::StatusOr<std::string> read_all(int file, const std::string& path) {
  std::string text(kFileLimit + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file, text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_status(errno, fmt::format("reading {}", path));
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  if (size > kFileLimit) {
    return absl::OutOfRangeError(
        fmt::format("reading {}: it is larger than the limit of {} bytes", path, kFileLimit));
  }
  text.resize(size);
  return text;
}

}  // namespace

absl::StatusOr<TrustedConfig> load_trusted_config(const std::string& path) {
  OpenedConfig opened = open_config(path);
  if (opened.error != 0) return errno_status(opened.error, fmt::format("reading {}", path));
  if (opened.file.get() < 0) return absl::FailedPreconditionError(opened.why);
  const absl::StatusOr<std::string> text = read_all(opened.file.get(), path);
  if (!text.ok()) return text.status();
  absl::StatusOr<Config> config = parse_config(*text, path);
  if (!config.ok()) return config.status();
  return TrustedConfig{*std::move(config), std::move(opened.file)};
}

}  // namespace muster::agent
