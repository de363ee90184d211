#include "agent/probes/virtualization_traces.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

#include "agent/probes/root_files.h"

namespace muster {
namespace {

// Enough for any of them, and for those of /proc that grow with the processors.
constexpr size_t kFileLimit = 1 << 20;
constexpr size_t kProcLimit = 16 << 20;

bool exists(const std::string& root, const std::string& path) {
  return !absl::IsNotFound(probe::status_in_root(root, path).status());
}

}  // namespace

VirtualizationTraces read_virtualization_traces(const std::string& root,
                                                const RunningSystem& running) {
  // One trace among many: whether it can be read makes no difference to note.
  const auto glance = [&root](const std::string& path, size_t limit = kFileLimit) {
    absl::StatusOr<std::string> content = probe::read_in_root(root, path, limit);
    return content.ok() ? std::optional<std::string>(std::move(*content)) : std::nullopt;
  };
  VirtualizationTraces traces;
  traces.host_container_manager = glance("/run/host/container-manager");
  traces.systemd_container = glance("/run/systemd/container");
  traces.init_environment = glance("/proc/1/environ");
  traces.init_cgroups = glance("/proc/1/cgroup");
  traces.has_dockerenv = exists(root, "/.dockerenv");
  traces.has_containerenv = exists(root, "/run/.containerenv");
  traces.is_in_openvz = exists(root, "/proc/vz") && !exists(root, "/proc/bc");
  traces.kernel_release = running.kernel_release;
  for (const std::string_view name :
       {"product_name", "sys_vendor", "board_vendor", "bios_vendor", "product_version"}) {
    traces.dmi.push_back(glance(fmt::format("/sys/class/dmi/id/{}", name)).value_or(""));
  }
  traces.hypervisor_signature = running.hypervisor_signature;
  traces.cpu_info = glance("/proc/cpuinfo", kProcLimit);
  traces.hypervisor_type = glance("/sys/hypervisor/type");
  traces.xen_capabilities = glance("/proc/xen/capabilities");
  traces.device_tree_hypervisor = glance("/proc/device-tree/hypervisor/compatible");
  traces.system_information = glance("/proc/sysinfo");
  return traces;
}

bool may_hide_a_container(const std::string& root, const VirtualizationTraces& traces) {
  return !traces.init_environment && !exists(root, "/run/systemd/system");
}

}  // namespace muster
