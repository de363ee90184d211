#include "agent/probes/firmware/system_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::firmware {
namespace {

constexpr size_t kTextLimit = 128;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// "0000:3b:00.0"; domains of Hyper-V and VMD have more digits than four ("10000:01:00.0").
bool is_pci_address(std::string_view part) {
  const size_t domain = part.find(':');
  if (domain == std::string_view::npos || domain < 4 || domain > 8) return false;
  const std::string_view rest = part.substr(domain + 1);
  return is_hex(part.substr(0, domain)) && rest.size() == 7 && is_hex(rest.substr(0, 2)) &&
         rest[2] == ':' && is_hex(rest.substr(3, 2)) && rest[5] == '.' && is_hex(rest.substr(6));
}

}  // namespace

std::vector<std::string> SystemFiles::list(const std::string& directory, size_t limit) {
  auto names = probe::list_in_root(root_, directory, limit);
  if (names.ok()) return *std::move(names);
  if (absl::IsOutOfRange(names.status())) {
    note(directory, fmt::format("there are more than {} entries", limit));
  } else if (!absl::IsNotFound(names.status())) {
    note(directory, {names.status().message().data(), names.status().message().size()});
  }
  return {};
}

bool SystemFiles::exists(const std::string& path) const {
  return !absl::IsNotFound(probe::status_in_root(root_, path).status());
}

std::string SystemFiles::content(const std::string& path, size_t limit) {
  auto content = probe::read_in_root(root_, path, limit);
  if (content.ok()) return *std::move(content);
  if (!absl::IsNotFound(content.status())) {
    std::string why(content.status().message().data(), content.status().message().size());
    if (absl::IsPermissionDenied(content.status()))
      why += ": only root can read it, so run the probe as root";
    note(path, why);
  }
  return {};
}

std::string SystemFiles::line(const std::string& path) {
  const std::string whole = content(path);
  return printable(trim(std::string_view(whole).substr(0, whole.find('\n'))), kTextLimit);
}

std::string SystemFiles::pci_address(const std::string& path) const {
  const std::string resolved = probe::resolve_in_root(root_, path);
  std::string_view rest = resolved;
  while (!rest.empty()) {
    const size_t slash = rest.rfind('/');
    const std::string_view part = slash == std::string_view::npos ? rest : rest.substr(slash + 1);
    if (is_pci_address(part)) return std::string(part);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(0, slash);
  }
  return {};
}

std::string SystemFiles::pci_driver(const std::string& address) const {
  const std::string link = "/sys/bus/pci/devices/" + address + "/driver";
  if (!probe::status_in_root(root_, link).ok()) return {};
  const std::string resolved = probe::resolve_in_root(root_, link);
  return printable(std::string_view(resolved).substr(resolved.rfind('/') + 1), kTextLimit);
}

void SystemFiles::note(const std::string& path, std::string_view error) {
  v1::UnreadableSource source;
  source.set_path(path);
  source.set_error(std::string(error));
  unreadable_.push_back(std::move(source));
}

}  // namespace muster::firmware
