#include "agent/probes/running_system.h"

#include <sys/utsname.h>

#include <charconv>
#include <cstring>

#include "common/text.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

namespace muster {
namespace {

constexpr size_t kTextLimit = 256;

std::optional<std::string> read_hypervisor_signature() {
#if defined(__x86_64__) || defined(__i386__)
  constexpr unsigned kHypervisorBit = 1U << 31;
  constexpr unsigned kHypervisorLeaf = 0x40000000;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx & kHypervisorBit) == 0) return {};
  // Beyond the highest standard leaf, so __get_cpuid would refuse it.
  __cpuid(kHypervisorLeaf, eax, ebx, ecx, edx);
  std::string signature(3 * sizeof(unsigned), '\0');
  std::memcpy(signature.data(), &ebx, sizeof ebx);
  std::memcpy(signature.data() + sizeof ebx, &ecx, sizeof ecx);
  std::memcpy(signature.data() + sizeof ebx + sizeof ecx, &edx, sizeof edx);
  return signature;
#else
  return {};
#endif
}

}  // namespace

RunningSystem read_running_system() {
  RunningSystem running;
  utsname names{};
  if (::uname(&names) == 0) {
    const std::string_view hostname = names.nodename;
    if (hostname != "(none)") running.hostname = printable(hostname, kTextLimit);
    running.kernel_release = printable(names.release, kTextLimit);
    running.kernel_version = printable(names.version, kTextLimit);
    running.machine = printable(names.machine, kTextLimit);
  }
  running.hypervisor_signature = read_hypervisor_signature();
  return running;
}

absl::StatusOr<int64_t> parse_boot_time(std::string_view proc_stat) {
  constexpr std::string_view kName = "btime ";
  while (!proc_stat.empty()) {
    const size_t newline = std::min(proc_stat.find('\n'), proc_stat.size());
    const std::string_view line = proc_stat.substr(0, newline);
    proc_stat.remove_prefix(std::min(newline + 1, proc_stat.size()));
    if (!line.starts_with(kName)) continue;
    const std::string_view digits = trim(line.substr(kName.size()));
    int64_t seconds = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    constexpr int64_t kLastSecond = 253'402'300'799;  // the end of year 9999
    if (error == std::errc() && end == digits.data() + digits.size() && seconds > 0 &&
        seconds <= kLastSecond) {
      return seconds;
    }
  }
  return absl::InvalidArgumentError("it has no line btime with the time of the start");
}

}  // namespace muster
