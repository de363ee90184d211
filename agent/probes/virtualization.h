// What kind of machine a system runs on, by the traces that systemd-detect-virt(1) goes by and
// under its names. Reading the traces is host_look's; this decides. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "muster/v1/host_facts.pb.h"

namespace muster {

// What was found. Absent: there is no such file, or it could not be read.
struct VirtualizationTraces {
  // Left by container managers: a name, or empty.
  std::optional<std::string> host_container_manager = {};  // /run/host/container-manager
  std::optional<std::string> systemd_container = {};       // /run/systemd/container
  // /proc/1/environ: NUL-separated, with container=NAME.
  std::optional<std::string> init_environment = {};
  // /proc/1/cgroup.
  std::optional<std::string> init_cgroups = {};
  bool has_dockerenv = false;     // /.dockerenv
  bool has_containerenv = false;  // /run/.containerenv
  bool is_in_openvz = false;      // /proc/vz without /proc/bc
  std::string kernel_release = {};

  // /sys/class/dmi/id: product_name, sys_vendor, board_vendor, bios_vendor, product_version.
  std::vector<std::string> dmi = {};
  // The 12 characters of CPUID leaf 0x40000000; absent where the processor sees no hypervisor.
  std::optional<std::string> hypervisor_signature = {};
  std::optional<std::string> cpu_info = {};          // /proc/cpuinfo
  std::optional<std::string> hypervisor_type = {};   // /sys/hypervisor/type
  std::optional<std::string> xen_capabilities = {};  // /proc/xen/capabilities
  std::optional<std::string> device_tree_hypervisor =
      {};                                              // /proc/device-tree/hypervisor/compatible
  std::optional<std::string> system_information = {};  // /proc/sysinfo of s390x
};

struct VirtualizationKind {
  v1::Virtualization kind = v1::VIRTUALIZATION_NONE;
  // "kvm", "docker"; "vm-other" and "container-other" for one without a known name.
  std::string technology;
};

// The innermost: a container in a virtual machine is a container.
VirtualizationKind detect_virtualization(const VirtualizationTraces& traces);

}  // namespace muster
