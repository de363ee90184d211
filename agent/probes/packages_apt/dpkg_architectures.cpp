#include "agent/probes/packages_apt/dpkg_architectures.h"

#include <algorithm>

#include "common/text.h"

namespace muster::packages_apt {
namespace {

bool is_architecture(std::string_view name) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), is_part);
}

std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::vector<std::string> listed_architectures(std::string_view arch_file) {
  std::vector<std::string> architectures;
  while (!arch_file.empty() && architectures.size() < kMostArchitectures) {
    const std::string_view line = trim(take_line(arch_file));
    if (is_architecture(line)) architectures.emplace_back(line);
  }
  return architectures;
}

std::string architecture_of_dpkg(std::string_view status_file) {
  constexpr std::string_view kField = "Architecture:";
  bool of_dpkg = false;
  while (!status_file.empty()) {
    const std::string_view line = take_line(status_file);
    if (line.empty()) of_dpkg = false;
    if (line == "Package: dpkg") of_dpkg = true;
    if (!of_dpkg || !line.starts_with(kField)) continue;
    const std::string_view name = trim(line.substr(kField.size()));
    return is_architecture(name) ? std::string(name) : std::string();
  }
  return {};
}

}  // namespace muster::packages_apt
