#include "agent/probes/restart/stale_services.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "agent/probes/restart/control_group.h"
#include "agent/probes/restart/mapped_files.h"
#include "common/text.h"

namespace muster::restart {
namespace {

// Of files and of services while it looks: a local user can make as many of both as fit into the
// table, and memory is limited.
constexpr size_t kMostKnownFiles = 50'000;
constexpr size_t kMostKnownServices = 10'000;
constexpr size_t kMostServices = 500;
constexpr size_t kMostPrograms = 10;
constexpr int kMostFiles = 20;
constexpr size_t kFileLimit = 512;

// By unit, container, and program where there is neither.
using ServiceKey = std::tuple<std::string, std::string, std::string>;
struct Service {
  std::set<std::string> programs;
  // Views of what StaleFiles knows.
  std::set<std::string_view> files;
  uint32_t processes = 0;
  uint64_t start_ticks = std::numeric_limits<uint64_t>::max();
};

class StaleFiles {
 public:
  explicit StaleFiles(const FindFile& find_file) : find_file_(find_file) {}

  // Those that the process executes. `is_cut`: not all of them could be looked at.
  std::set<std::string_view> of(const Process& process, bool& is_cut) {
    std::set<std::string_view> stale;
    std::string_view maps = process.maps;
    while (!maps.empty()) {
      const std::string_view line = maps.substr(0, maps.find('\n'));
      maps.remove_prefix(std::min(line.size() + 1, maps.size()));
      const std::string* const path = judged(process.root, line, is_cut);
      if (path != nullptr) stale.insert(*path);
    }
    return stale;
  }

 private:
  // Null if the line tells of no stale file. Most processes map the same few libraries: each of
  // them is parsed and looked for once a root.
  const std::string* judged(int32_t root, std::string_view line, bool& is_cut) {
    // Without the rights and the place in the file, which differ.
    const size_t device = line.find(' ', std::min(line.find(' ') + 1, line.size()));
    const std::pair key(root, line.substr(std::min(device, line.size())));
    auto entry = known_.find(key);
    if (entry == known_.end()) {
      if (known_.size() >= kMostKnownFiles) {
        is_cut = true;
        return nullptr;
      }
      entry = known_.emplace(key, judge(root, line)).first;
    }
    return entry->second.empty() ? nullptr : &entry->second;
  }

  // The path of a stale file, else nothing.
  std::string judge(int32_t root, std::string_view line) {
    const std::optional<MappedFile> file = parse_mapping(line);
    if (!file || is_no_program(*file)) return {};
    return file->is_deleted || is_replaced(root, *file) ? printable(file->path, kFileLimit)
                                                        : std::string();
  }

  // Whether another file is where this one was: something was mounted over it, say. Only where both
  // numbers are a device's: those of overlayfs and btrfs differ between maps and stat.
  bool is_replaced(int32_t root, const MappedFile& file) {
    if (file.device_major == 0 || root < 0) return false;
    const std::optional<FileIdentity> there = find_file_(root, file.path);
    if (!there || there->device_major == 0) return false;
    return there->device_major != file.device_major || there->device_minor != file.device_minor ||
           there->inode != file.inode;
  }

  const FindFile& find_file_;
  // By root and line, a view of the table.
  std::map<std::pair<int32_t, std::string_view>, std::string> known_;
};

// Its first digit, and zeros: how many processes there are changes all the time, and what is the
// same in all else is to be the same facts.
uint32_t about(size_t count) {
  uint32_t unit = 1;
  while (count >= 10) {
    count /= 10;
    unit *= 10;
  }
  return static_cast<uint32_t>(count) * unit;
}

void add_service(const ServiceKey& key, const Service& found, const BootClock& clock,
                 v1::RestartFacts& facts) {
  v1::StaleService& service = *facts.add_stale_services();
  service.set_unit(std::get<0>(key));
  service.set_container(std::get<1>(key));
  for (const std::string& program : found.programs) {
    if (static_cast<size_t>(service.programs_size()) == kMostPrograms) break;
    service.add_programs(program);
  }
  service.set_processes(found.processes);
  for (const std::string_view file : found.files) {
    if (service.files_size() == kMostFiles) break;
    service.add_files(std::string(file));
  }
  service.set_file_count(static_cast<uint32_t>(found.files.size()));
  if (clock.started_at == 0) return;
  const auto since_boot = static_cast<int64_t>(found.start_ticks) / clock.ticks_per_second;
  service.mutable_started_at()->set_seconds(clock.started_at + since_boot);
}

}  // namespace

void add_stale_services(const ProcessList& list, const FindFile& find_file, const BootClock& clock,
                        v1::RestartFacts& facts) {
  StaleFiles stale_files(find_file);
  std::map<ServiceKey, Service> services;
  size_t cut = list.cut;
  for (const Process& process : list.processes) {
    bool is_cut = false;
    const std::set<std::string_view> files = stale_files.of(process, is_cut);
    if (is_cut) ++cut;
    if (files.empty()) continue;
    Membership member = parse_control_groups(process.control_groups);
    const bool has_place = !member.unit.empty() || !member.container.empty();
    ServiceKey key{std::move(member.unit), std::move(member.container),
                   has_place ? std::string() : process.program};
    if (services.size() >= kMostKnownServices && !services.contains(key)) {
      if (!is_cut) ++cut;
      continue;
    }
    Service& service = services[std::move(key)];
    service.programs.insert(process.program);
    service.files.insert(files.begin(), files.end());
    ++service.processes;
    service.start_ticks = std::min(service.start_ticks, process.start_ticks);
  }
  for (const auto& [key, service] : services) {
    if (static_cast<size_t>(facts.stale_services_size()) == kMostServices) break;
    add_service(key, service, clock, facts);
  }
  facts.set_stale_service_count(static_cast<uint32_t>(services.size()));
  facts.set_processes(about(list.processes.size()));
  facts.set_processes_unreadable(about(list.unreadable));
  const auto note = [&facts](size_t count, std::string_view what) {
    if (count > 0)
      facts.add_problems(fmt::format(
          "of {} {}",
          count == 1 ? "one process" : fmt::format("at least {} processes", about(count)), what));
  };
  note(list.unreadable,
       fmt::format("the maps could not be read, so replaced libraries are not known{}",
                   list.root_would_see_more ? ": root may read those of all users" : ""));
  note(cut, "only a part of the maps was looked at, so some replaced libraries may be missing");
}

}  // namespace muster::restart
