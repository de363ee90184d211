#include "agent/probes/packages_apt/release_sizes.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "agent/probes/packages_apt/release_fields.h"

namespace muster::packages_apt {
namespace {

constexpr size_t kDigits = 64;

// The lines of the field, each with a space in front; empty if there is no such field.
std::string_view sums_of(std::string_view release) {
  constexpr std::string_view kField = "\nSHA256:\n ";
  const size_t start = release.find(kField);
  if (start == std::string_view::npos) return {};
  release.remove_prefix(start + kField.size() - 1);
  size_t end = 0;
  while (end < release.size() && release[end] == ' ') {
    end = std::min(release.find('\n', end), release.size() - 1) + 1;
  }
  return release.substr(0, end);
}

}  // namespace

std::optional<uint64_t> size_at_a_glance(std::string_view release, std::string_view name) {
  // " e3b0…  1234 main/binary-amd64/Packages"
  const std::string_view sums = sums_of(release);
  for (size_t at = sums.find(name); at != std::string_view::npos; at = sums.find(name, at + 1)) {
    const size_t end = at + name.size();
    if (at == 0 || sums[at - 1] != ' ' || end == sums.size() || sums[end] != '\n') continue;
    const size_t line = sums.rfind('\n', at) + 1;  // npos + 1 is the first
    const std::string_view before = sums.substr(line, at - 1 - line);
    if (before.size() < kDigits + 2) return std::nullopt;
    const std::string_view sized = before.substr(kDigits + 1);
    const size_t digits = sized.find_first_not_of(' ');
    if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
    uint64_t size = 0;
    const char* stop = sized.data() + sized.size();
    const auto [parsed, error] = std::from_chars(sized.data() + digits, stop, size);
    if (error != std::errc() || parsed != stop) return std::nullopt;
    return size;
  }
  return std::nullopt;
}

bool has_sums_at_a_glance(std::string_view release) {
  return !sums_of(release).empty();
}

bool has_no_lists_for_all(std::string_view release) {
  const std::string_view kept_apart = release_field(release, "No-Support-for-Architecture-all");
  if (kept_apart == "Packages") return true;
  const std::string architectures = std::string(release_field(release, "Architectures"));
  return !architectures.empty() && (' ' + architectures + ' ').find(" all ") == std::string::npos;
}

}  // namespace muster::packages_apt
