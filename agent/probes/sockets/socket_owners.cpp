#include "agent/probes/sockets/socket_owners.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <set>
#include <tuple>

#include "agent/probes/restart/control_group.h"
#include "agent/sandbox/socket_table.h"
#include "common/text.h"

namespace muster::sockets {
namespace {

constexpr size_t kProgramLimit = 64;
constexpr size_t kPathLimit = 1024;
// Sockets of which an owner is kept, whoever made them.
constexpr size_t kMostOwned = 1 << 20;
// proc_pid_stat(5): counted from the state, which is the third.
constexpr int kStartTime = 22 - 3;

std::string_view take(std::string_view& text, size_t size) {
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(taken.size());
  return taken;
}

// As one record has it.
struct Process {
  agent::SocketRecord record;
  std::string_view sockets;
  std::string_view executable;
  std::string_view stat;
  std::string_view control_groups;
  std::string_view tcp;
  std::string_view tcp6;
};

absl::StatusOr<Process> take_process(std::string_view& table) {
  Process process;
  if (table.size() < sizeof process.record) {
    return absl::InvalidArgumentError("the table of sockets ends within a record");
  }
  std::memcpy(&process.record, take(table, sizeof process.record).data(), sizeof process.record);
  const agent::SocketRecord& record = process.record;
  const uint64_t size = uint64_t{record.sockets} * sizeof(uint64_t) + record.executable_size +
                        uint64_t{record.stat_size} + record.cgroup_size + record.tcp_size +
                        record.tcp6_size;
  if (size > table.size()) {
    return absl::InvalidArgumentError("the table of sockets ends within a process");
  }
  process.sockets = take(table, size_t{record.sockets} * sizeof(uint64_t));
  process.executable = take(table, record.executable_size);
  process.stat = take(table, record.stat_size);
  process.control_groups = take(table, record.cgroup_size);
  process.tcp = take(table, record.tcp_size);
  process.tcp6 = take(table, record.tcp6_size);
  return process;
}

// "12 (nginx) S 1 12 …": a name may hold anything, also ") S", so its end is the last one.
struct Stat {
  std::string_view program;
  uint64_t start_ticks = 0;
};
Stat parse_stat(std::string_view stat) {
  const size_t open = stat.find('(');
  const size_t close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  Stat parsed{.program = stat.substr(open + 1, close - open - 1)};
  std::string_view rest = trim(stat.substr(close + 1));
  for (int field = 0; field < kStartTime && !rest.empty(); ++field)
    rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
  std::from_chars(rest.data(), rest.data() + rest.size(), parsed.start_ticks);
  return parsed;
}

std::string executable_text(std::string_view link) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (link.ends_with(kDeleted)) link.remove_suffix(kDeleted.size());
  return printable(link, kPathLimit);
}

v1::SocketOwner owner_of(const Process& process) {
  v1::SocketOwner owner;
  owner.set_program(printable(parse_stat(process.stat).program, kProgramLimit));
  owner.set_executable(executable_text(process.executable));
  const restart::Membership membership = restart::parse_control_groups(process.control_groups);
  owner.set_unit(membership.unit);
  owner.set_container(membership.container);
  owner.set_is_first_process(process.record.process == 1);
  return owner;
}

// Of the processes that have one socket open: the manager of services last, which holds it for
// another or until there is one; then the oldest.
using Age = std::tuple<bool, uint64_t, int32_t>;
Age age_of(const Process& process) {
  return {process.record.process == 1, parse_stat(process.stat).start_ticks,
          process.record.process};
}

class Collector {
 public:
  void add(const Process& process) {
    add_network(process);
    // Of whoever made the table, which is among the others if it is a process of this host.
    if (process.record.process == 0) return;
    note_error(process);
    const auto number = static_cast<uint32_t>(processes_.size());
    processes_.push_back(process);
    std::set<uint64_t> seen;
    for (size_t at = 0; at < process.sockets.size(); at += sizeof(uint64_t)) {
      uint64_t socket = 0;
      std::memcpy(&socket, process.sockets.data() + at, sizeof socket);
      if (!seen.insert(socket).second) continue;
      if (holders_.size() >= kMostOwned && !holders_.contains(socket)) continue;
      Holders& holders = holders_[socket];
      const bool is_first = holders.count++ == 0;
      if (is_first || age_of(process) < age_of(processes_[holders.oldest])) {
        holders.oldest = number;
      }
    }
  }

  SocketTable finish() {
    std::map<uint32_t, v1::SocketOwner> described;
    for (const auto& [socket, holders] : holders_) {
      const auto [found, is_new] = described.try_emplace(holders.oldest);
      if (is_new) found->second = owner_of(processes_[holders.oldest]);
      v1::SocketOwner& owner = table_.owners[socket];
      owner = found->second;
      owner.set_processes(rounded_count(holders.count));
    }
    return std::move(table_);
  }

 private:
  struct Holders {
    uint32_t oldest = 0;
    uint32_t count = 0;
  };

  void add_network(const Process& process) {
    const uint64_t number = process.record.network;
    const bool is_own = process.record.process == 0;
    if (number == 0 && !is_own) return;
    auto found = std::find_if(table_.networks.begin(), table_.networks.end(),
                              [number](const Network& one) { return one.number == number; });
    if (found == table_.networks.end()) {
      found = table_.networks.insert(found, Network{.number = number, .list = {}});
    }
    if (process.tcp.empty() && process.tcp6.empty()) return;
    found->told = true;
    found->list = parse_tcp_table(process.tcp, agent::kMostOfTcpText);
    SocketList more = parse_tcp_table(process.tcp6, agent::kMostOfTcpText);
    for (KernelSocket& socket : more.sockets)
      found->list.add(std::move(socket));
    found->list.omitted += more.omitted;
    found->list.cut = found->list.cut || more.cut;
  }

  void note_error(const Process& process) {
    const int error = process.record.error;
    if (error == 0 || error == ENOENT || error == ESRCH) return;
    if (error == EDQUOT) {
      table_.crowded_users.insert(process.record.user);
      return;
    }
    if (error == EFBIG) {
      ++table_.cut;
      return;
    }
    if (++table_.unreadable > 1) return;
    const char* const words = ::strerrordesc_np(error);
    table_.first_unreadable =
        fmt::format("{} ({}): {}", printable(parse_stat(process.stat).program, kProgramLimit),
                    process.record.process, words == nullptr ? "an unknown error" : words);
  }

  SocketTable table_;
  // Views of the table.
  std::vector<Process> processes_;
  std::map<uint64_t, Holders> holders_;
};

}  // namespace

absl::StatusOr<SocketTable> parse_socket_table(std::string_view table) {
  Collector collector;
  while (!table.empty()) {
    const absl::StatusOr<Process> process = take_process(table);
    if (!process.ok()) return process.status();
    collector.add(*process);
  }
  return collector.finish();
}

uint32_t rounded_count(size_t count) {
  if (count < 2) return static_cast<uint32_t>(count);
  uint32_t rounded = 1;
  while (count / 10 >= rounded && rounded < 1'000'000)
    rounded *= 10;
  return std::max<uint32_t>(rounded, 2);
}

}  // namespace muster::sockets
