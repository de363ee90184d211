#include "collector/identity/host_name.h"

#include <fmt/format.h>

#include <cctype>

#include "common/text.h"

namespace muster::collector {

std::string sanitize_host_name(std::string_view wish) {
  std::string name;
  for (const char c : wish.substr(0, kHostNameLimit)) {
    const bool allowed =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
    name += allowed ? c : '-';
  }
  const size_t first = name.find_first_not_of("-.");
  if (first == std::string::npos) return {};
  return name.substr(first, name.find_last_not_of("-.") - first + 1);
}

absl::Status check_host_name(std::string_view name) {
  if (!name.empty() && sanitize_host_name(name) == name) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" cannot be a host's name: at most {} letters, digits, '.', '-' and '_', "
                  "neither beginning nor ending with '.' or '-'",
                  printable(name, 100), kHostNameLimit));
}

}  // namespace muster::collector
