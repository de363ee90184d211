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
#include "agent/sandbox/process_table.h"
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

// What is found of a process.
struct Seen {
  // Stale ones; views of what StaleFiles knows.
  std::set<std::string_view> files;
  // Not all of them could be looked at.
  bool is_cut = false;
  // It has files of which only the mark was looked at, not what is at their path.
  bool mounts_unseen = false;
};

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

  Seen of(const Process& process) {
    Seen seen;
    const auto look = [&](const RecordedFile& recorded, const auto& parse) {
      const Judged* const file = judged({recorded, process.root}, parse);
      if (file != nullptr && !file->stale_path.empty()) seen.files.insert(file->stale_path);
      if (file != nullptr && file->mounts_unseen) seen.mounts_unseen = true;
      if (file == nullptr) seen.is_cut = true;
    };
    std::string_view files = process.files;
    while (const std::optional<RecordedFile> file = take_file_record(files))
      look(*file, [&file] { return mapped_file(*file); });
    std::string_view maps = process.maps;
    while (!maps.empty()) {
      const std::string_view line = maps.substr(0, maps.find('\n'));
      maps.remove_prefix(std::min(line.size() + 1, maps.size()));
      // Without the rights and the place in the file, which differ.
      const size_t device = line.find(' ', std::min(line.find(' ') + 1, line.size()));
      look({.path = line.substr(std::min(device, line.size()))},
           [line] { return parse_mapping(line); });
    }
    return seen;
  }

 private:
  struct Judged {
    // Empty: it is not.
    std::string stale_path = {};
    bool mounts_unseen = false;
  };
  // What the table tells of a file, and a root. Of a line of text all is in the path.
  using Key = std::pair<RecordedFile, int32_t>;

  // Null: there are too many. Most processes map the same few libraries: each of them is parsed and
  // looked for once a root.
  template <typename Parse>
  const Judged* judged(const Key& key, const Parse& parse) {
    auto entry = known_.find(key);
    if (entry == known_.end()) {
      if (known_.size() >= kMostKnownFiles) return nullptr;
      entry = known_.emplace(key, judge(key.second, parse())).first;
    }
    return &entry->second;
  }

  Judged judge(int32_t root, const std::optional<MappedFile>& file) {
    if (!file || is_no_program(*file)) return {};
    // What is at a path is compared only where both numbers are a device's: those of overlayfs and
    // btrfs differ between maps and stat.
    const bool is_comparable = !file->is_deleted && file->device_major != 0 && root >= 0;
    if (is_comparable && root >= agent::kMostProcessRoots) return {.mounts_unseen = true};
    const bool is_stale = file->is_deleted || (is_comparable && is_replaced(root, *file));
    return {.stale_path = is_stale ? printable(file->path, kFileLimit) : std::string()};
  }

  // Whether another file is where this one was: something was mounted over it, say.
  bool is_replaced(int32_t root, const MappedFile& file) {
    const std::optional<FileIdentity> there = find_file_(root, file.path);
    if (!there || there->device_major == 0) return false;
    return there->device_major != file.device_major || there->device_minor != file.device_minor ||
           there->inode != file.inode;
  }

  const FindFile& find_file_;
  // Views of the table.
  std::map<Key, Judged> known_;
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
  size_t mounts_unseen = 0;
  for (const Process& process : list.processes) {
    const Seen seen = stale_files.of(process);
    if (seen.is_cut) ++cut;
    if (seen.mounts_unseen) ++mounts_unseen;
    if (seen.files.empty()) continue;
    Membership member = parse_control_groups(process.control_groups);
    const bool has_place = !member.unit.empty() || !member.container.empty();
    ServiceKey key{std::move(member.unit), std::move(member.container),
                   has_place ? std::string() : process.program};
    if (services.size() >= kMostKnownServices && !services.contains(key)) {
      if (!seen.is_cut) ++cut;
      continue;
    }
    Service& service = services[std::move(key)];
    service.programs.insert(process.program);
    service.files.insert(seen.files.begin(), seen.files.end());
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
  facts.set_processes_mounts_unseen(about(mounts_unseen));
  const auto note = [&facts](size_t count, std::string_view which, std::string_view what) {
    if (count > 0)
      facts.add_problems(fmt::format(
          "of {}{} {}",
          count == 1 ? "one process" : fmt::format("at least {} processes", about(count)), which,
          what));
  };
  note(list.unreadable,
       fmt::format(", {}{},", list.first_unreadable, list.unreadable > 1 ? " and others" : ""),
       fmt::format("the maps could not be read, so replaced libraries are not known{}",
                   list.root_would_see_more ? ": root may read those of all users" : ""));
  note(cut, "", "only a part of the maps was looked at, so some replaced libraries may be missing");
}

}  // namespace muster::restart
