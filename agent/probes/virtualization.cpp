#include "agent/probes/virtualization.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "common/text.h"

namespace muster {
namespace {

using Name = std::pair<std::string_view, std::string_view>;

constexpr std::array<std::string_view, 10> kContainerManagers = {
    "systemd-nspawn", "lxc-libvirt", "lxc", "openvz", "docker",
    "podman",         "rkt",         "wsl", "proot",  "pouch",
};

// By a part of the control group of process 1.
constexpr std::array<Name, 7> kControlGroups = {{
    {"/docker/", "docker"},
    {"/docker-", "docker"},
    {"/libpod-", "podman"},
    {"/lxc.payload", "lxc"},
    {"/lxc/", "lxc"},
    {"/kubepods", "container-other"},
    {"/cri-containerd", "container-other"},
}};

// By the beginning of a DMI text.
constexpr std::array<Name, 16> kDmi = {{
    {"KVM", "kvm"},
    {"OpenStack", "kvm"},
    {"KubeVirt", "kvm"},
    {"Amazon EC2", "amazon"},
    {"QEMU", "qemu"},
    {"VMware", "vmware"},
    {"VMW", "vmware"},
    {"innotek GmbH", "oracle"},
    {"VirtualBox", "oracle"},
    {"Xen", "xen"},
    {"Bochs", "bochs"},
    {"Parallels", "parallels"},
    {"BHYVE", "bhyve"},
    {"Hyper-V", "microsoft"},
    {"Apple Virtualization", "apple"},
    {"Google Compute Engine", "google"},
}};

constexpr std::array<Name, 10> kSignatures = {{
    {"XenVMMXenVMM", "xen"},
    {"KVMKVMKVM", "kvm"},
    {"Linux KVM Hv", "kvm"},
    {"TCGTCGTCGTCG", "qemu"},
    {"VMwareVMware", "vmware"},
    {"Microsoft Hv", "microsoft"},
    {"bhyve bhyve ", "bhyve"},
    {"QNXQVMBSQG", "qnx"},
    {"ACRNACRNACRN", "acrn"},
    {"SRESRESRESRE", "sre"},
}};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The name in `manager` under which systemd knows it; "oci" names a format, not a manager.
std::string known_manager(std::string_view manager, const VirtualizationTraces& traces) {
  manager = trim(manager);
  if (std::find(kContainerManagers.begin(), kContainerManagers.end(), manager) !=
      kContainerManagers.end()) {
    return std::string(manager);
  }
  if (traces.has_containerenv) return "podman";
  if (traces.has_dockerenv) return "docker";
  return manager.empty() ? "" : "container-other";
}

// The value of `container` in NUL-separated assignments.
std::string_view container_variable(std::string_view environment) {
  constexpr std::string_view kName = "container=";
  while (!environment.empty()) {
    const std::string_view entry = environment.substr(0, environment.find('\0'));
    if (entry.starts_with(kName)) return entry.substr(kName.size());
    environment.remove_prefix(std::min(entry.size() + 1, environment.size()));
  }
  return {};
}

// Empty if it is no container.
std::string container_manager(const VirtualizationTraces& traces) {
  if (traces.is_in_openvz) return "openvz";
  if (contains(traces.kernel_release, "Microsoft") || contains(traces.kernel_release, "WSL")) {
    return "wsl";
  }
  for (const auto& file : {traces.host_container_manager, traces.systemd_container}) {
    if (!file) continue;
    if (std::string name = known_manager(*file, traces); !name.empty()) return name;
  }
  if (traces.init_environment) {
    const std::string_view manager = container_variable(*traces.init_environment);
    if (!manager.empty()) return known_manager(manager, traces);
  }
  if (traces.has_containerenv) return "podman";
  if (traces.has_dockerenv) return "docker";
  for (const auto& [part, name] : kControlGroups) {
    if (traces.init_cgroups && contains(*traces.init_cgroups, part)) return std::string(name);
  }
  return {};
}

std::string_view by_dmi(const std::vector<std::string>& texts) {
  // Amazon's machines without a hypervisor say "Amazon EC2" as well: "c5.metal".
  const bool is_metal = std::any_of(
      texts.begin(), texts.end(), [](const std::string& text) { return contains(text, ".metal"); });
  for (const std::string& text : texts) {
    for (const auto& [prefix, name] : kDmi) {
      if (text.starts_with(prefix) && !(name == "amazon" && is_metal)) return name;
    }
  }
  return {};
}

std::string_view by_signature(std::string_view signature) {
  signature = signature.substr(0, std::min(signature.find('\0'), signature.size()));
  for (const auto& [known, name] : kSignatures) {
    if (signature == known) return name;
  }
  return "vm-other";
}

std::string_view by_device_tree(std::string_view compatible) {
  if (contains(compatible, "linux,kvm")) return "kvm";
  if (contains(compatible, "xen")) return "xen";
  if (contains(compatible, "vmware")) return "vmware";
  return "vm-other";
}

// Whether /proc/cpuinfo's flags have the bit that processors show under a hypervisor.
bool has_hypervisor_flag(std::string_view cpu_info) {
  const size_t flags = cpu_info.find("flags\t");
  if (flags == std::string_view::npos) return false;
  const std::string line(cpu_info.substr(flags, cpu_info.find('\n', flags) - flags));
  return contains(line + ' ', " hypervisor ");
}

// Empty if it is no virtual machine.
std::string_view hypervisor(const VirtualizationTraces& traces) {
  const std::string_view dmi = by_dmi(traces.dmi);
  // These imitate the interface of another hypervisor, so that CPUID would name that one.
  for (const std::string_view sure : {"oracle", "xen", "amazon", "parallels", "google"}) {
    if (dmi == sure) return dmi;
  }
  const std::string_view cpu_info = traces.cpu_info ? *traces.cpu_info : std::string_view();
  if (contains(cpu_info, "User Mode Linux")) return "uml";
  std::string_view name;
  if (traces.hypervisor_signature) name = by_signature(*traces.hypervisor_signature);
  if (!name.empty() && name != "vm-other") return name;
  if (!dmi.empty()) return dmi;
  if (traces.hypervisor_type && trim(*traces.hypervisor_type) == "xen") return "xen";
  if (traces.device_tree_hypervisor) return by_device_tree(*traces.device_tree_hypervisor);
  if (traces.system_information && contains(*traces.system_information, "VM00 Control Program")) {
    return contains(*traces.system_information, "KVM") ? "kvm" : "zvm";
  }
  return has_hypervisor_flag(cpu_info) ? "vm-other" : name;
}

}  // namespace

VirtualizationKind detect_virtualization(const VirtualizationTraces& traces) {
  if (std::string manager = container_manager(traces); !manager.empty()) {
    return {v1::VIRTUALIZATION_CONTAINER, std::move(manager)};
  }
  const std::string_view name = hypervisor(traces);
  // Xen's first domain has the hardware and runs the others: it is the machine.
  const bool is_first_domain =
      traces.xen_capabilities && contains(*traces.xen_capabilities, "control_d");
  if (name.empty() || (name == "xen" && is_first_domain)) return {};
  return {v1::VIRTUALIZATION_VIRTUAL_MACHINE, std::string(name)};
}

}  // namespace muster
