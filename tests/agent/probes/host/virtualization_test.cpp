#include "agent/probes/virtualization.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace muster {

std::ostream& operator<<(std::ostream& out, const VirtualizationKind& kind) {
  return out << v1::Virtualization_Name(kind.kind) << " " << kind.technology;
}

bool operator==(const VirtualizationKind& left, const VirtualizationKind& right) {
  return left.kind == right.kind && left.technology == right.technology;
}

namespace {

const VirtualizationKind nothing{v1::VIRTUALIZATION_NONE, ""};

VirtualizationKind machine(const std::string& name) {
  return {v1::VIRTUALIZATION_VIRTUAL_MACHINE, name};
}

VirtualizationKind container(const std::string& name) {
  return {v1::VIRTUALIZATION_CONTAINER, name};
}

TEST(Virtualization, IsNoneWithoutATrace) {
  EXPECT_EQ(detect_virtualization({}), nothing);
  EXPECT_EQ(detect_virtualization({.init_environment = "",
                                   .init_cgroups = "0::/init.scope\n",
                                   .kernel_release = "6.1.0-28-amd64",
                                   .dmi = {"PowerEdge R740", "Dell Inc.", "Dell Inc."},
                                   .cpu_info = "flags\t\t: fpu vme de\n"}),
            nothing);
}

TEST(Virtualization, KnowsContainerManagers) {
  struct Case {
    VirtualizationTraces traces;
    std::string name;
  };
  const Case cases[] = {
      {{.host_container_manager = "systemd-nspawn\n"}, "systemd-nspawn"},
      {{.systemd_container = "lxc\n"}, "lxc"},
      {{.systemd_container = "unheard-of"}, "container-other"},
      {{.init_environment = std::string("PATH=/bin\0container=podman\0", 27)}, "podman"},
      {{.init_environment = std::string("a_container=x\0container=docker", 30)}, "docker"},
      {{.init_environment = "container=oci", .has_containerenv = true}, "podman"},
      {{.init_environment = "container=oci"}, "container-other"},
      {{.has_dockerenv = true}, "docker"},
      {{.has_containerenv = true}, "podman"},
      {{.is_in_openvz = true}, "openvz"},
      {{.kernel_release = "5.15.90.1-microsoft-standard-WSL2"}, "wsl"},
      {{.init_cgroups = "12:pids:/docker/0123456789ab\n"}, "docker"},
      {{.init_cgroups = "0::/system.slice/docker-0123456789ab.scope\n"}, "docker"},
      {{.init_cgroups = "0::/machine.slice/libpod-0123.scope\n"}, "podman"},
      {{.init_cgroups = "0::/lxc.payload.web1/init.scope\n"}, "lxc"},
      {{.init_cgroups = "0::/kubepods/besteffort/pod1/2\n"}, "container-other"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(detect_virtualization(c.traces), container(c.name)) << c.name;
}

TEST(Virtualization, IsTheContainerInsideAVirtualMachine) {
  EXPECT_EQ(detect_virtualization({.has_dockerenv = true, .hypervisor_signature = "KVMKVMKVM"}),
            container("docker"));
}

TEST(Virtualization, IsNoContainerWhereTheVariableIsEmpty) {
  EXPECT_EQ(detect_virtualization({.systemd_container = "", .init_environment = "container="}),
            nothing);
}

TEST(Virtualization, KnowsHypervisors) {
  struct Case {
    VirtualizationTraces traces;
    std::string name;
  };
  const Case cases[] = {
      {{.hypervisor_signature = std::string("KVMKVMKVM\0\0\0", 12)}, "kvm"},
      {{.hypervisor_signature = "VMwareVMware"}, "vmware"},
      {{.hypervisor_signature = "Microsoft Hv"}, "microsoft"},
      {{.hypervisor_signature = "TCGTCGTCGTCG"}, "qemu"},
      {{.hypervisor_signature = "UnheardOf123"}, "vm-other"},
      {{.dmi = {"Standard PC", "QEMU"}, .hypervisor_signature = "KVMKVMKVM"}, "kvm"},
      {{.dmi = {"Standard PC", "QEMU"}}, "qemu"},
      {{.dmi = {"VMware20,1", "VMware, Inc."}, .hypervisor_signature = "UnheardOf123"}, "vmware"},
      // VirtualBox and Amazon show the interface of KVM.
      {{.dmi = {"VirtualBox", "innotek GmbH"}, .hypervisor_signature = "KVMKVMKVM"}, "oracle"},
      {{.dmi = {"t3.micro", "Amazon EC2"}, .hypervisor_signature = "KVMKVMKVM"}, "amazon"},
      {{.dmi = {"Google Compute Engine", "Google"}}, "google"},
      {{.dmi = {"Virtual Machine", "Microsoft Corporation", "", "", "Hyper-V UEFI"}}, "microsoft"},
      {{.hypervisor_type = "xen\n"}, "xen"},
      {{.device_tree_hypervisor = "linux,kvm"}, "kvm"},
      {{.device_tree_hypervisor = "xen,xen-4.17"}, "xen"},
      {{.device_tree_hypervisor = "unheard,of"}, "vm-other"},
      {{.system_information = "VM00 Control Program: KVM/Linux\n"}, "kvm"},
      {{.system_information = "VM00 Control Program: z/VM    7.3.0\n"}, "zvm"},
      {{.cpu_info = "vendor_id\t: User Mode Linux\n"}, "uml"},
      {{.cpu_info = "flags\t\t: fpu hypervisor lahf_lm\n"}, "vm-other"},
      {{.cpu_info = "flags\t\t: fpu hypervisor\nbugs\t\t:\n"}, "vm-other"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(detect_virtualization(c.traces), machine(c.name)) << c.name;
}

TEST(Virtualization, IsNoneOnMachinesThatOnlyLookVirtual) {
  EXPECT_EQ(detect_virtualization({.dmi = {"c5.metal", "Amazon EC2"}}), nothing);
  // The first domain of Xen.
  EXPECT_EQ(detect_virtualization(
                {.hypervisor_signature = "XenVMMXenVMM", .xen_capabilities = "control_d\n"}),
            nothing);
  // A machine of Oracle's own make; its virtual machines say KVM or QEMU.
  EXPECT_EQ(detect_virtualization({.dmi = {"ORACLE SERVER X9-2", "Oracle Corporation"},
                                   .cpu_info = "flags\t\t: fpu\n"}),
            nothing);
}

}  // namespace
}  // namespace muster
