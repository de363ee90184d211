#include "collector/metrics/process_statistics.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <iterator>
#include <string>
#include <system_error>

#include "common/files.h"

namespace muster::collector {
namespace {

constexpr size_t kFileLimit = 1024 * 1024;

// The number at `index` of space-separated fields.
std::optional<double> field(std::string_view fields, int index) {
  while (index > 0) {
    const size_t space = fields.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    fields.remove_prefix(space + 1);
    --index;
  }
  double value = 0;
  const auto result = std::from_chars(fields.data(), fields.data() + fields.size(), value);
  if (result.ec != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<ProcessStatistics> parse_process_statistics(std::string_view stat,
                                                          std::string_view boot,
                                                          double ticks_per_second,
                                                          double page_bytes) {
  // Field 3 (state) follows the last ')' of the name.
  const size_t name_end = stat.rfind(") ");
  const size_t boot_time_at = boot.find("\nbtime ");
  if (name_end == std::string_view::npos || boot_time_at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view fields = stat.substr(name_end + 2);
  const std::optional<double> user = field(fields, 11);
  const std::optional<double> system = field(fields, 12);
  const std::optional<double> start = field(fields, 19);
  const std::optional<double> pages = field(fields, 21);
  const std::optional<double> boot_time = field(boot.substr(boot_time_at + 1), 1);
  if (!user || !system || !start || !pages || !boot_time) return std::nullopt;
  ProcessStatistics statistics;
  statistics.cpu_seconds = (*user + *system) / ticks_per_second;
  statistics.resident_bytes = *pages * page_bytes;
  statistics.start_time_seconds = *boot_time + *start / ticks_per_second;
  return statistics;
}

std::optional<ProcessStatistics> read_process_statistics() {
  const absl::StatusOr<std::string> stat = read_file("/proc/self/stat", kFileLimit);
  const absl::StatusOr<std::string> boot = read_file("/proc/stat", kFileLimit);
  if (!stat.ok() || !boot.ok()) return std::nullopt;
  std::optional<ProcessStatistics> statistics =
      parse_process_statistics(*stat, *boot, static_cast<double>(::sysconf(_SC_CLK_TCK)),
                               static_cast<double>(::sysconf(_SC_PAGESIZE)));
  if (!statistics) return std::nullopt;
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (!error) {
    // Less the one that reads the directory.
    statistics->open_files = static_cast<double>(std::distance(begin(files), end(files)) - 1);
  }
  return statistics;
}

}  // namespace muster::collector
