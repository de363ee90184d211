#include "agent/probes/restart/restart_look.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "agent/probes/probe_program.h"
#include "agent/probes/restart/microcode.h"
#include "agent/probes/restart/process_list.h"
#include "agent/probes/restart/reboot_requests.h"
#include "agent/probes/restart/running_kernel.h"
#include "agent/probes/root_files.h"
#include "agent/probes/virtualization_traces.h"
#include "agent/sandbox/process_table.h"

namespace muster::restart {
namespace {

constexpr size_t kProcLimit = 16 << 20;

void note(const std::string& path, const absl::Status& status, v1::RestartFacts& facts) {
  facts.add_problems(fmt::format(
      "{}: {}", path, std::string_view(status.message().data(), status.message().size())));
}

v1::Virtualization machine_of(const std::string& root, const RunningSystem& running) {
  const VirtualizationTraces traces = read_virtualization_traces(root, running);
  const v1::Virtualization kind = detect_virtualization(traces).kind;
  return kind == v1::VIRTUALIZATION_NONE && may_hide_a_container(root, traces)
             ? v1::VIRTUALIZATION_UNSPECIFIED
             : kind;
}

BootClock boot_clock(const std::string& root, v1::RestartFacts& facts) {
  BootClock clock;
  clock.ticks_per_second = ::sysconf(_SC_CLK_TCK);
  absl::StatusOr<int64_t> boot_time = absl::UnknownError("");
  const absl::StatusOr<std::string> text = probe::read_in_root(root, "/proc/stat", kProcLimit);
  boot_time = text.ok() ? parse_boot_time(*text) : text.status();
  if (boot_time.ok()) {
    clock.started_at = *boot_time;
  } else {
    note("/proc/stat", boot_time.status(), facts);
  }
  return clock;
}

}  // namespace

v1::Section look_at_restarts(const std::string& root, const RunningSystem& running,
                             const ProcessTable& process_table, const FindFile& find_file) {
  absl::StatusOr<ProcessList> list = parse_process_table(process_table.text);
  if (!list.ok() || process_table.text.empty()) {
    return probe::failed(
        "there is no table of the processes: the launcher makes it from /proc, which was not "
        "readable; is it mounted?");
  }
  list->root_would_see_more = process_table.root_would_see_more;
  v1::RestartFacts facts;
  const v1::Virtualization machine = machine_of(root, running);
  *facts.mutable_kernel() = look_at_kernel(root, running, machine, facts);
  const absl::StatusOr<std::string> cpu_info =
      probe::read_in_root(root, "/proc/cpuinfo", kProcLimit);
  *facts.mutable_microcode() = look_at_microcode(root, machine, cpu_info.value_or(""));
  const BootClock clock = boot_clock(root, facts);
  add_stale_services(*list, find_file, clock, facts);
  add_reboot_requests(root, facts);
  // A container's own start is not the kernel's.
  if (machine != v1::VIRTUALIZATION_CONTAINER) {
    add_replaced_packages(root, clock.started_at, facts);
  }
  return probe::observed(facts);
}

std::optional<FileIdentity> find_in_process_root(int32_t root, const std::string& path) {
  struct statx status {};
  // Nothing here waits for a server: not for one that would be mounted, nor for what it would say.
  constexpr int kFlags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
  if (::statx(agent::kFirstProcessRoot + root, path.c_str() + 1, kFlags, STATX_INO, &status) != 0) {
    return std::nullopt;
  }
  return FileIdentity{status.stx_dev_major, status.stx_dev_minor, status.stx_ino};
}

ProcessTable take_process_table() {
  struct stat status {};
  if (::fstat(agent::kProcessTableDescriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return {agent::gather_processes("/proc"), ::geteuid() != 0};
  }
  std::string table(static_cast<size_t>(status.st_size), '\0');
  size_t size = 0;
  while (size < table.size()) {
    const ssize_t count = ::pread(agent::kProcessTableDescriptor, table.data() + size,
                                  table.size() - size, static_cast<off_t>(size));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    size += static_cast<size_t>(count);
  }
  table.resize(size);
  return {std::move(table)};
}

}  // namespace muster::restart
