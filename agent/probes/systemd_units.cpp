#include "agent/probes/systemd_units.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::probe {
namespace {

namespace fs = std::filesystem;

// Where units are, as systemd.unit(5) ranks them; the first that has a name decides.
constexpr std::array<const char*, 5> kUnitDirectories = {
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
    "/lib/systemd/system", "/usr/lib/systemd/system"};
// Version 2 of control groups, and systemd's hierarchy of version 1.
constexpr std::array<const char*, 2> kGroups = {"/sys/fs/cgroup/system.slice",
                                                "/sys/fs/cgroup/systemd/system.slice"};
constexpr const char* kStamps = "/var/lib/systemd/timers/stamp-";
constexpr size_t kLargestUnit = 1 << 20;
constexpr size_t kLargestGroupFile = 64 << 10;
constexpr size_t kMostUnits = 4096;
constexpr size_t kMostDropIns = 100;

// A name itself, links at its end not followed.
UnitEntry entry_at(const std::string& root, const std::string& directory, const std::string& name) {
  const std::string path = resolve_in_root(root, directory) + "/" + name;
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? UnitEntry::kMissing : UnitEntry::kUnknown;
  }
  std::error_code error;
  const bool leads_nowhere =
      S_ISLNK(found.st_mode) ? fs::read_symlink(path, error) == "/dev/null" : found.st_size == 0;
  return leads_nowhere ? UnitEntry::kMasked : UnitEntry::kThere;
}

// In the first of the directories, with `below` behind each, that has the name; which, in `found`.
UnitEntry first_entry(const std::string& root, const std::string& below, const std::string& name,
                      std::string* found = nullptr) {
  for (const char* directory : kUnitDirectories) {
    const UnitEntry entry = entry_at(root, directory + below, name);
    if (entry == UnitEntry::kMissing) continue;
    if (found != nullptr) *found = directory;
    return entry;
  }
  return UnitEntry::kMissing;
}

// "clamd@.service" of "clamd@scan.service"; else empty.
std::string template_of(const std::string& unit) {
  const size_t at = unit.find('@');
  const size_t dot = unit.rfind('.');
  if (at == std::string::npos || dot == std::string::npos || dot < at) return {};
  return unit.substr(0, at + 1) + unit.substr(dot);
}

// "/system-clamd.slice" of "clamd@scan.service", as systemd groups instances; else empty. A dash of
// the template's name is written \x2d there.
std::string slice_of(const std::string& unit) {
  const size_t at = unit.find('@');
  if (at == std::string::npos) return {};
  std::string name;
  for (const char c : unit.substr(0, at))
    name += c == '-' ? std::string("\\x2d") : std::string(1, c);
  return "/system-" + name + ".slice";
}

}  // namespace

UnitEntry unit_entry(const std::string& root, const std::string& unit) {
  const UnitEntry entry = first_entry(root, "", unit);
  const std::string of_template = template_of(unit);
  if (entry != UnitEntry::kMissing || of_template.empty()) return entry;
  return first_entry(root, "", of_template);
}

UnitEntry entry_wanted_by(const std::string& root, const std::string& target,
                          const std::string& unit) {
  return first_entry(root, "/" + target + ".wants", unit);
}

absl::StatusOr<std::vector<std::string>> units_wanted_by(const std::string& root,
                                                         const std::string& target) {
  std::set<std::string> units;
  for (const char* directory : kUnitDirectories) {
    const std::string wants = directory + ("/" + target) + ".wants";
    const absl::StatusOr<std::vector<std::string>> names = list_in_root(root, wants, kMostUnits);
    if (names.ok()) units.insert(names->begin(), names->end());
    if (!names.ok() && !absl::IsNotFound(names.status())) {
      return absl::Status(names.status().code(),
                          wants + ": " + std::string(names.status().message()));
    }
  }
  return std::vector<std::string>(units.begin(), units.end());
}

absl::StatusOr<std::string> unit_text(const std::string& root, const std::string& unit) {
  std::string name = unit;
  std::string directory;
  UnitEntry entry = first_entry(root, "", name, &directory);
  if (entry == UnitEntry::kMissing && !template_of(unit).empty()) {
    name = template_of(unit);
    entry = first_entry(root, "", name, &directory);
  }
  if (entry == UnitEntry::kMissing) return absl::NotFoundError("there is no " + unit);
  if (entry == UnitEntry::kMasked) return absl::NotFoundError(unit + " is masked");
  absl::StatusOr<std::string> text = read_in_root(root, directory + "/" + name, kLargestUnit);
  if (!text.ok()) return text;
  for (const char* each : kUnitDirectories) {
    const std::string drop_ins = each + ("/" + name) + ".d";
    const auto names = list_in_root(root, drop_ins, kMostDropIns);
    if (!names.ok()) continue;
    for (const std::string& drop_in : *names) {
      if (!drop_in.ends_with(".conf")) continue;
      const auto more = read_in_root(root, drop_ins + "/" + drop_in, kLargestUnit);
      if (more.ok()) *text += "\n" + *more;
    }
  }
  return text;
}

std::vector<std::string_view> unit_values(std::string_view text, std::string_view setting) {
  std::vector<std::string_view> values;
  while (!text.empty()) {
    const size_t newline = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, newline));
    text.remove_prefix(std::min(newline + 1, text.size()));
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos || trim(line.substr(0, equals)) != setting) continue;
    const std::string_view value = trim(line.substr(equals + 1));
    if (value.empty()) values.clear();
    if (!value.empty()) values.push_back(value);
  }
  return values;
}

std::optional<TimePoint> timer_stamp(const std::string& root, const std::string& timer) {
  const absl::StatusOr<FileStatus> stamp = status_in_root(root, kStamps + timer);
  if (!stamp.ok() || !stamp->has_modified_at) return std::nullopt;
  return from_proto(stamp->modified_at);
}

std::optional<bool> unit_has_processes(const std::string& root, const std::string& unit) {
  if (!root.empty()) return std::nullopt;
  bool has_groups = false;
  for (const char* groups : kGroups) {
    if (!status_in_root("", groups).ok()) continue;
    has_groups = true;
    const std::string group = groups + slice_of(unit) + "/" + unit;
    const auto events = read_in_root("", group + "/cgroup.events", kLargestGroupFile);
    if (events.ok()) return ("\n" + *events).find("\npopulated 1") != std::string::npos;
    const auto processes = read_in_root("", group + "/cgroup.procs", kLargestGroupFile);
    if (processes.ok()) return !processes->empty();
    if (!absl::IsNotFound(events.status()) || !absl::IsNotFound(processes.status())) {
      return std::nullopt;
    }
  }
  if (!has_groups) return std::nullopt;
  return false;
}

}  // namespace muster::probe
