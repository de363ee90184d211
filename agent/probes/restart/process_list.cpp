#include "agent/probes/restart/process_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "agent/probes/restart/mapped_files.h"
#include "agent/sandbox/process_table.h"
#include "common/text.h"

namespace muster::restart {
namespace {

constexpr size_t kProgramLimit = 64;
// proc_pid_stat(5): counted from the state, which is the third.
constexpr int kStartTime = 22 - 3;

std::string_view take(std::string_view& text, size_t size) {
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

// "12 (nginx) S 1 12 …": a name may hold anything, also ") S", so its end is the last one.
void parse_stat(std::string_view stat, Process& process) {
  const size_t open = stat.find('(');
  const size_t close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return;
  process.program = printable(stat.substr(open + 1, close - open - 1), kProgramLimit);
  std::string_view rest = trim(stat.substr(close + 1));
  for (int field = 0; field < kStartTime && !rest.empty(); ++field)
    rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
  std::from_chars(rest.data(), rest.data() + rest.size(), process.start_ticks);
}

}  // namespace

absl::StatusOr<ProcessList> parse_process_table(std::string_view table) {
  ProcessList list;
  while (!table.empty()) {
    agent::ProcessRecord record;
    if (table.size() < sizeof record) {
      return absl::InvalidArgumentError("the table of processes ends within a record");
    }
    std::memcpy(&record, take(table, sizeof record).data(), sizeof record);
    const uint64_t size = uint64_t{record.files_size} + record.maps_size +
                          uint64_t{record.stat_size} + record.cgroup_size;
    if (size > table.size()) {
      return absl::InvalidArgumentError("the table of processes ends within a process");
    }
    Process process;
    process.id = record.process;
    process.root = record.root;
    process.files = take(table, record.files_size);
    std::string_view files = process.files;
    while (take_file_record(files)) {
    }
    if (!files.empty()) {
      return absl::InvalidArgumentError("the table of processes has a file that is not whole");
    }
    process.maps = take(table, record.maps_size);
    parse_stat(take(table, record.stat_size), process);
    process.control_groups = take(table, record.cgroup_size);
    const bool is_cut = record.error == EFBIG;
    if (record.error != 0 && !is_cut && ++list.unreadable == 1) {
      list.first_unreadable = fmt::format("{} ({})", process.program, process.id);
    }
    if (is_cut) ++list.cut;
    if (!process.files.empty() || !process.maps.empty())
      list.processes.push_back(std::move(process));
  }
  return list;
}

}  // namespace muster::restart
