#include "agent/probes/host/host_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "muster/v1/host_facts.pb.h"
#include "tests/agent/probes/test_root.h"

namespace muster {
namespace {

using test::TestRoot;
using test::WithoutRights;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// tests/fixtures/hosts/<story>: a small root, named for its story.
std::string fixture(const std::string& story) {
  return std::string(MUSTER_SOURCE_DIRECTORY) + "/tests/fixtures/hosts/" + story;
}

v1::HostFacts facts_of(const v1::Section& section) {
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  EXPECT_EQ(section.facts_type(), "muster.v1.HostFacts");
  v1::HostFacts facts;
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

std::vector<std::string> unreadable_of(const v1::HostFacts& facts) {
  std::vector<std::string> lines;
  for (const v1::UnreadableSource& source : facts.unreadable())
    lines.push_back(source.path() + ": " + source.error());
  return lines;
}

const RunningSystem running_system{.hostname = "db1",
                                   .kernel_release = "6.1.0-28-amd64",
                                   .kernel_version = "#1 SMP",
                                   .machine = "x86_64"};

TEST(HostProbe, KnowsAServerOnHardware) {
  const v1::HostFacts facts = facts_of(look_at_host(fixture("debian_on_hardware"), running_system));
  EXPECT_EQ(facts.hostname(), "db1");
  EXPECT_EQ(facts.fqdn(), "db1.example.org");
  EXPECT_EQ(facts.machine_id_hash(), "e9864456706645ad8f7b1dff567fd0ba");
  EXPECT_EQ(facts.os_id(), "debian");
  EXPECT_EQ(facts.os_version_id(), "12");
  EXPECT_EQ(facts.os_codename(), "bookworm");
  EXPECT_EQ(facts.os_pretty_name(), "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(facts.kernel_release(), "6.1.0-28-amd64");
  EXPECT_EQ(facts.kernel_version(), "#1 SMP");
  EXPECT_EQ(facts.architecture(), "x86_64");
  EXPECT_EQ(facts.boot_time().seconds(), 1767225600);
  EXPECT_EQ(facts.virtualization(), v1::VIRTUALIZATION_NONE);
  EXPECT_EQ(facts.virtualization_technology(), "");
  EXPECT_EQ(facts.vendor(), "Dell Inc.");
  EXPECT_EQ(facts.model(), "PowerEdge R740");
  EXPECT_EQ(facts.serial_number(), "790H8D2");
  EXPECT_EQ(facts.time_zone(), "Europe/Berlin");
  EXPECT_THAT(unreadable_of(facts), IsEmpty());
}

TEST(HostProbe, KnowsAVirtualMachine) {
  RunningSystem running = running_system;
  running.hypervisor_signature = std::string("KVMKVMKVM\0\0\0", 12);
  const v1::HostFacts facts = facts_of(look_at_host(fixture("rocky_in_kvm"), running));
  EXPECT_THAT(facts.os_id_like(), ElementsAre("rhel", "centos", "fedora"));
  EXPECT_EQ(facts.virtualization(), v1::VIRTUALIZATION_VIRTUAL_MACHINE);
  EXPECT_EQ(facts.virtualization_technology(), "kvm");
  EXPECT_EQ(facts.model(), "Standard PC (Q35 + ICH9, 2009)");
  EXPECT_EQ(facts.serial_number(), "");
  EXPECT_EQ(facts.fqdn(), "");
  // Before the first boot has ended there is no id; that is no error.
  EXPECT_EQ(facts.machine_id_hash(), "");
  EXPECT_EQ(facts.time_zone(), "UTC");
  EXPECT_THAT(unreadable_of(facts), IsEmpty());
}

TEST(HostProbe, KnowsAContainer) {
  const v1::HostFacts facts = facts_of(look_at_host(fixture("alpine_in_docker"), running_system));
  EXPECT_EQ(facts.os_id(), "alpine");
  EXPECT_EQ(facts.virtualization(), v1::VIRTUALIZATION_CONTAINER);
  EXPECT_EQ(facts.virtualization_technology(), "docker");
  EXPECT_EQ(facts.vendor(), "");
}

TEST(HostProbe, ReportsNothingOfTheKernelForAnImage) {
  const v1::HostFacts facts = facts_of(look_at_host(fixture("image_at_rest"), {}));
  EXPECT_EQ(facts.hostname(), "kiosk.example.org");
  EXPECT_EQ(facts.fqdn(), "kiosk.example.org");
  EXPECT_EQ(facts.architecture(), "aarch64");
  EXPECT_EQ(facts.time_zone(), "America/Sao_Paulo");
  EXPECT_EQ(facts.kernel_release(), "");
  EXPECT_FALSE(facts.has_boot_time());
  EXPECT_EQ(facts.virtualization(), v1::VIRTUALIZATION_UNSPECIFIED);
  EXPECT_THAT(unreadable_of(facts), ElementsAre(HasSubstr("/etc/machine-id: it is not 32 hex")));
  EXPECT_EQ(facts.machine_id_hash(), "");
  // The kernel's files of the image are not its own.
  const v1::HostFacts server = facts_of(look_at_host(fixture("debian_on_hardware"), {}));
  EXPECT_EQ(server.vendor(), "");
  EXPECT_FALSE(server.has_boot_time());
}

TEST(HostProbe, SaysWhatItCouldNotReadAndWhatToDo) {
  const TestRoot root;
  root.write("/etc/machine-id", "0123456789abcdeffedcba9876543210\n");
  root.write("/sys/class/dmi/id/product_serial", "790H8D2\n");
  root.set_mode("/sys/class/dmi/id/product_serial", 0400);
  root.write("/proc/1/environ", "container=lxc");
  root.set_mode("/proc/1/environ", 0400);
  root.write("/proc/stat", "cpu 1\n");
  const WithoutRights user;
  const v1::HostFacts facts = facts_of(look_at_host(root.path(), running_system));
  EXPECT_THAT(unreadable_of(facts),
              ElementsAre("/proc/stat: it has no line btime with the time of the start",
                          "/sys/class/dmi/id/product_serial: Permission denied: only root can read "
                          "it, so run the probe as root",
                          HasSubstr("/proc/1/environ: Permission denied")));
  // A container cannot be ruled out, so it is not said that there is none.
  EXPECT_EQ(facts.virtualization(), v1::VIRTUALIZATION_UNSPECIFIED);
}

TEST(HostProbe, NeedsNoEnvironmentOfTheFirstProcessUnderSystemd) {
  const TestRoot root;
  root.make_directory("/etc");
  root.make_directory("/run/systemd/system");
  root.write("/proc/1/environ", "");
  root.set_mode("/proc/1/environ", 0400);
  root.write("/proc/stat", "btime 1767225600\n");
  const WithoutRights user;
  const v1::HostFacts facts = facts_of(look_at_host(root.path(), running_system));
  EXPECT_EQ(facts.virtualization(), v1::VIRTUALIZATION_NONE);
  EXPECT_THAT(unreadable_of(facts), IsEmpty());
}

TEST(HostProbe, PrefersTheOwnOsReleaseOfEtc) {
  const TestRoot root;
  root.write("/usr/lib/os-release", "ID=vendor\n");
  EXPECT_EQ(facts_of(look_at_host(root.path(), {})).os_id(), "vendor");
  root.write("/etc/os-release", "ID=local\n");
  EXPECT_EQ(facts_of(look_at_host(root.path(), {})).os_id(), "local");
}

TEST(HostProbe, FollowsLinksInsideTheRoot) {
  const TestRoot root;
  root.write("/usr/lib/os-release", "ID=inside\n");
  root.link("/etc/os-release", "/usr/lib/os-release");
  root.link("/etc/hostname", "../../../../../../../etc/name");
  root.write("/etc/name", "inside\n");
  const v1::HostFacts facts = facts_of(look_at_host(root.path(), {}));
  EXPECT_EQ(facts.os_id(), "inside");
  EXPECT_EQ(facts.hostname(), "inside");
}

TEST(HostProbe, BoundsTheFilesItReads) {
  const TestRoot root;
  root.write("/etc/os-release", "ID=debian\n" + std::string(1 << 20, '#'));
  const v1::HostFacts facts = facts_of(look_at_host(root.path(), {}));
  EXPECT_EQ(facts.os_id(), "");
  EXPECT_THAT(unreadable_of(facts),
              ElementsAre("/etc/os-release: it is larger than the limit of 1048576 bytes"));
}

TEST(HostProbe, BoundsTheFilesOfTheKernel) {
  const TestRoot root;
  root.make_directory("/etc");
  root.write("/proc/stat", std::string((16 << 20) + 1, '#'));
  EXPECT_THAT(unreadable_of(facts_of(look_at_host(root.path(), running_system))),
              testing::Contains("/proc/stat: it is larger than the limit of 16777216 bytes"));
}

TEST(HostProbe, FailsWhereThereIsNoSystem) {
  const TestRoot root;
  root.make_directory("/home");
  for (const std::string& path : {root.path(), root.path() + "/gone"}) {
    const v1::Section section = look_at_host(path, {});
    EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
    EXPECT_THAT(section.reason(), HasSubstr("holds no system"));
  }
}

}  // namespace
}  // namespace muster
