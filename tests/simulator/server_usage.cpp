#include "tests/simulator/server_usage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string>

#include "common/files.h"

namespace muster::simulator {
namespace {

constexpr size_t kProcLimit = 64 << 10;

}  // namespace

absl::StatusOr<double> parse_cpu_seconds(std::string_view stat, double ticks) {
  // The name in the second field may have spaces and parentheses.
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return absl::DataLossError("a stat without a name");
  std::istringstream fields{std::string(stat.substr(name_end + 1))};
  std::string skipped;
  for (int field = 3; field <= 13; ++field)
    fields >> skipped;
  double user = 0;
  double system = 0;
  if (!(fields >> user >> system)) return absl::DataLossError("a stat without CPU times");
  return (user + system) / ticks;
}

absl::StatusOr<double> parse_kib(std::string_view smaps_rollup, std::string_view name) {
  std::istringstream lines{std::string(smaps_rollup)};
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with(name)) return std::strtod(line.c_str() + name.size(), nullptr);
  }
  return absl::DataLossError(fmt::format("a smaps_rollup without {}", name));
}

absl::StatusOr<ServerUsage> read_server_usage(pid_t pid) {
  ServerUsage usage;
  const absl::StatusOr<std::string> stat = read_file(fmt::format("/proc/{}/stat", pid), kProcLimit);
  if (!stat.ok()) return stat.status();
  const absl::StatusOr<double> cpu =
      parse_cpu_seconds(*stat, static_cast<double>(::sysconf(_SC_CLK_TCK)));
  if (!cpu.ok()) return cpu.status();
  usage.cpu_seconds = *cpu;
  const absl::StatusOr<std::string> maps =
      read_file(fmt::format("/proc/{}/smaps_rollup", pid), kProcLimit);
  if (!maps.ok()) return maps.status();
  const absl::StatusOr<double> pss = parse_kib(*maps, "Pss:");
  const absl::StatusOr<double> dirty = parse_kib(*maps, "Private_Dirty:");
  if (!pss.ok()) return pss.status();
  if (!dirty.ok()) return dirty.status();
  usage.pss_kib = *pss;
  usage.private_dirty_kib = *dirty;
  return usage;
}

}  // namespace muster::simulator
