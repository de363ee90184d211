#include "agent/probes/restart/reboot_requests.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::restart {
namespace {

constexpr size_t kListLimit = 1 << 18;
constexpr size_t kNameLimit = 256;
constexpr int kMostPackages = 100;

struct Request {
  std::string_view source;
  // The packages that asked, one a line; empty: it names none.
  std::string_view packages;
};
// /var/run leads to /run on all systems that have these.
constexpr std::array<Request, 2> kRequests{{
    {"/run/reboot-required", "/run/reboot-required.pkgs"},
    {"/run/reboot-needed", ""},
}};

// A file of each of the packages of NEED_REBOOT in dnf-plugins-core's needs_restarting.py, but for
// those of kernel and microcode, which are facts of their own.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kCorePackages{{
    {"dbus-broker", "/usr/bin/dbus-broker"},
    {"dbus-daemon", "/usr/bin/dbus-daemon"},
    {"glibc", "/usr/lib64/libc.so.6"},
    {"glibc", "/lib/libc.so.6"},
    // A licence, as in Fedora's spec file: what else is in it differs from version to version.
    {"linux-firmware", "/usr/share/licenses/linux-firmware/GPL-2"},
    {"systemd", "/usr/lib/systemd/systemd"},
    {"systemd", "/usr/lib/systemd/systemd-executor"},
}};

// Further names, one a line of each *.conf, which dnf takes for such packages as well.
constexpr const char* kFurtherPackages = "/etc/dnf/plugins/needs-restarting.d";
constexpr size_t kMostFiles = 100;
// Of the kernel and of microcode.
constexpr std::array<std::string_view, 5> kLookedAtElsewhere{"dbus", "kernel", "kernel-core",
                                                             "kernel-rt", "microcode_ctl"};
constexpr size_t kShownPackages = 3;

bool exists(const std::string& root, const std::string& path) {
  return probe::status_in_root(root, path).ok();
}

std::optional<int64_t> made_at(const std::string& path) {
  struct statx status {};
  if (::statx(AT_FDCWD, path.c_str(), AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW,
              STATX_BTIME | STATX_CTIME | STATX_TYPE, &status) != 0 ||
      !S_ISREG(status.stx_mode)) {
    return std::nullopt;
  }
  return (status.stx_mask & STATX_BTIME) != 0 ? status.stx_btime.tv_sec : status.stx_ctime.tv_sec;
}

void note(std::string_view path, const absl::Status& error, v1::RestartFacts& facts) {
  facts.add_problems(fmt::format("{}: {}", path,
                                 std::string_view(error.message().data(), error.message().size())));
}

// Each once: a list gets a line each time that a package asks.
std::set<std::string> names_in(std::string_view list) {
  std::set<std::string> names;
  while (!list.empty()) {
    const std::string_view line = list.substr(0, list.find('\n'));
    list.remove_prefix(std::min(line.size() + 1, list.size()));
    if (!trim(line).empty()) names.insert(printable(trim(line), kNameLimit));
  }
  return names;
}

void add_packages(std::string_view list, v1::RebootRequest& request) {
  for (const std::string& name : names_in(list)) {
    if (request.packages_size() == kMostPackages) break;
    request.add_packages(name);
  }
}

bool is_core_package(std::string_view name) {
  const auto is_it = [name](const auto& core) { return core.first == name; };
  return std::any_of(kCorePackages.begin(), kCorePackages.end(), is_it) ||
         std::find(kLookedAtElsewhere.begin(), kLookedAtElsewhere.end(), name) !=
             kLookedAtElsewhere.end();
}

// Of the packages that this system's own list adds no file is known, so none are looked at: unknown
// is what they are, and not up to date.
void note_further_packages(const std::string& root, v1::RestartFacts& facts) {
  const auto files = probe::list_in_root(root, kFurtherPackages, kMostFiles);
  if (!files.ok() && !absl::IsNotFound(files.status())) {
    note(kFurtherPackages, files.status(), facts);
  }
  std::set<std::string> further;
  for (const std::string& file : files.value_or(std::vector<std::string>())) {
    if (!file.ends_with(".conf")) continue;
    const std::string path = fmt::format("{}/{}", kFurtherPackages, file);
    const absl::StatusOr<std::string> list = probe::read_in_root(root, path, kListLimit);
    if (!list.ok()) {
      note(printable(path, kNameLimit), list.status(), facts);
      continue;
    }
    for (const std::string& name : names_in(*list)) {
      if (!is_core_package(name)) further.insert(name);
    }
  }
  if (further.empty()) return;
  const std::vector<std::string> names(further.begin(), further.end());
  facts.add_problems(
      fmt::format("{}: whether these packages were installed since the boot is not looked at: {}",
                  kFurtherPackages, join_some(names, kShownPackages)));
}

}  // namespace

void add_reboot_requests(const std::string& root, v1::RestartFacts& facts) {
  for (const Request& known : kRequests) {
    const absl::StatusOr<probe::FileStatus> status =
        probe::status_in_root(root, std::string(known.source));
    if (absl::IsNotFound(status.status())) continue;
    if (!status.ok()) {
      note(known.source, status.status(), facts);
      continue;
    }
    v1::RebootRequest& request = *facts.add_reboot_requests();
    request.set_source(std::string(known.source));
    if (status->has_modified_at) *request.mutable_requested_at() = status->modified_at;
    if (known.packages.empty()) continue;
    const absl::StatusOr<std::string> list =
        probe::read_in_root(root, std::string(known.packages), kListLimit);
    if (list.ok()) add_packages(*list, request);
    if (!list.ok() && !absl::IsNotFound(list.status())) note(known.packages, list.status(), facts);
  }
}

void add_replaced_packages(const std::string& root, int64_t booted_at, v1::RestartFacts& facts) {
  const bool has_dnf = exists(root, "/etc/dnf") || exists(root, "/etc/yum.conf");
  if (booted_at == 0 || !has_dnf || exists(root, "/var/lib/dpkg/status")) return;
  facts.set_replaced_since_boot_looked_at(true);
  std::set<std::string_view> replaced;
  for (const auto& [package, file] : kCorePackages) {
    const std::optional<int64_t> time = made_at(probe::resolve_in_root(root, std::string(file)));
    if (time && *time > booted_at) replaced.insert(package);
  }
  for (const std::string_view package : replaced)
    facts.add_replaced_since_boot(std::string(package));
  note_further_packages(root, facts);
}

}  // namespace muster::restart
