#include "agent/probes/restart/control_group.h"

#include <algorithm>
#include <array>
#include <vector>

#include "common/text.h"

namespace muster::restart {
namespace {

constexpr size_t kNameLimit = 256;
constexpr size_t kIdSize = 64;
constexpr size_t kShownOfId = 12;
constexpr std::string_view kScope = ".scope";

constexpr std::array<std::string_view, 6> kUnitKinds{".service", kScope,  ".socket",
                                                     ".mount",   ".swap", ".timer"};

using Parts = std::vector<std::string_view>;

std::string_view without_suffix(std::string_view text, std::string_view suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

// systemd's hierarchy first, by its old name and as the unified one; else any that leads somewhere.
std::string_view path_of(std::string_view text) {
  std::string_view best = "/";
  int rank = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const size_t first = line.find(':');
    const size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    if (path == "/" || path.empty()) continue;
    const int its_rank = controllers == "name=systemd" ? 3 : controllers.empty() ? 2 : 1;
    if (its_rank <= rank) continue;
    best = path;
    rank = its_rank;
  }
  return best;
}

Parts parts_of(std::string_view path) {
  Parts parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

int hex_digit(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const size_t at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// "web\x2d1" -> "web-1", as systemd-escape(1) writes names.
std::string unescape(std::string_view text) {
  std::string name;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text.substr(i, 2) == "\\x" && i + 3 < text.size() &&
                         hex_digit(text[i + 2]) >= 0 && hex_digit(text[i + 3]) >= 0;
    name.push_back(escaped ? static_cast<char>(hex_digit(text[i + 2]) * 16 + hex_digit(text[i + 3]))
                           : text[i]);
    if (escaped) i += 3;
  }
  return name;
}

// "docker-3f4e….scope", "cri-containerd-3f4e….scope", "3f4e…".
std::string container_id(std::string_view part) {
  part = without_suffix(part, kScope);
  const std::string_view id = part.substr(part.rfind('-') + 1);
  const bool is_hex = std::all_of(id.begin(), id.end(), [](char c) { return hex_digit(c) >= 0; });
  return id.size() == kIdSize && is_hex ? std::string(id.substr(0, kShownOfId)) : std::string();
}

// The container that begins at `parts[at]`, and in `at` the last part of its name.
std::string container_at(const Parts& parts, size_t& at) {
  const std::string_view part = parts[at];
  const std::string_view next = at + 1 < parts.size() ? parts[at + 1] : std::string_view();
  if (std::string id = container_id(part); !id.empty()) return id;
  if ((part == "lxc" || part == "lxc.payload") && !next.empty()) {
    ++at;
    return std::string(next);
  }
  constexpr std::string_view kLxc = "lxc.payload.";
  if (part.starts_with(kLxc)) return std::string(part.substr(kLxc.size()));
  // What systemd-nspawn and libvirt run of their own is the host's, and so is a virtual machine.
  constexpr std::string_view kMachine = "machine-";
  constexpr std::string_view kNspawn = "systemd-nspawn@";
  if (part.starts_with(kMachine) && part.ends_with(kScope) && next != "supervisor") {
    std::string name = unescape(without_suffix(part, kScope).substr(kMachine.size()));
    return name.starts_with("qemu-") ? std::string() : name;
  }
  if (part.starts_with(kNspawn) && next == "payload") {
    return unescape(without_suffix(part, ".service").substr(kNspawn.size()));
  }
  return {};
}

bool is_unit(std::string_view part) {
  return std::any_of(kUnitKinds.begin(), kUnitKinds.end(),
                     [part](std::string_view kind) { return part.ends_with(kind); });
}

}  // namespace

Membership parse_control_groups(std::string_view proc_pid_cgroup) {
  const Parts parts = parts_of(path_of(proc_pid_cgroup));
  Membership found;
  size_t inside = 0;
  for (size_t i = 0; i < parts.size() && found.container.empty(); ++i) {
    found.container = printable(container_at(parts, i), kNameLimit);
    inside = i + 1;
  }
  if (found.container.empty()) inside = 0;
  for (size_t i = inside; i < parts.size() && found.unit.empty(); ++i) {
    // A name that could be taken for a file of the kernel's begins with "_".
    const std::string_view part = parts[i].starts_with('_') ? parts[i].substr(1) : parts[i];
    if (is_unit(part)) found.unit = printable(part, kNameLimit);
  }
  return found;
}

}  // namespace muster::restart
