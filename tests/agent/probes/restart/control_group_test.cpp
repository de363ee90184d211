#include "agent/probes/restart/control_group.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace muster::restart {
namespace {

// 64 digits, as container managers give them.
constexpr std::string_view kId = "3f4e5d6c7b8a99887766554433221100ffeeddccbbaa99887766554433221100";

std::string with_id(std::string text) {
  const size_t at = text.find("ID");
  return at == std::string::npos ? text : text.replace(at, 2, kId);
}

TEST(ControlGroups, NameTheUnitOrTheContainer) {
  struct Case {
    std::string_view group;
    std::string_view unit;
    std::string_view container;
  };
  constexpr Case kCases[] = {
      {"0::/system.slice/nginx.service", "nginx.service", ""},
      {"0::/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", ""},
      {"0::/system.slice/docker.service", "docker.service", ""},
      {"0::/system.slice/a.service/sub/group", "a.service", ""},
      {"0::/init.scope", "init.scope", ""},
      {"0::/user.slice/user-1000.slice/session-3.scope", "session-3.scope", ""},
      {"0::/user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service",
       "user@1000.service", ""},
      {"0::/system.slice/_cpu.service", "cpu.service", ""},
      {"0::/system.slice/docker-ID.scope", "", "3f4e5d6c7b8a"},
      {"0::/system.slice/docker-ID.scope/init.scope", "init.scope", "3f4e5d6c7b8a"},
      {"0::/machine.slice/libpod-ID.scope/container", "", "3f4e5d6c7b8a"},
      {"0::/kubepods.slice/kubepods-burstable.slice/"
       "kubepods-burstable-pod1a2b_3c.slice/cri-containerd-ID.scope",
       "", "3f4e5d6c7b8a"},
      {"0::/kubepods/besteffort/pod1a2b-3c/ID", "", "3f4e5d6c7b8a"},
      {"0::/docker/ID", "", "3f4e5d6c7b8a"},
      {"0::/lxc.payload.web/system.slice/apache2.service", "apache2.service", "web"},
      {"0::/lxc/web/system.slice/apache2.service", "apache2.service", "web"},
      {"0::/lxc.monitor.web", "", ""},
      {"0::/machine.slice/machine-web\\x2d1.scope/payload/system.slice/nginx.service",
       "nginx.service", "web-1"},
      {"0::/machine.slice/machine-web.scope/supervisor", "machine-web.scope", ""},
      {"0::/machine.slice/systemd-nspawn@web.service/payload/init.scope", "init.scope", "web"},
      {"0::/machine.slice/systemd-nspawn@web.service/supervisor", "systemd-nspawn@web.service", ""},
      // A virtual machine is a program of its host's.
      {"0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator",
       "machine-qemu\\x2d1\\x2dweb.scope", ""},
      {"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope", "",
       "3f4e5d6c7b8a"},
      {"0::/", "", ""},
      {"0::/some/group", "", ""},
      {"0::/../other.service", "other.service", ""},
      {"", "", ""},
      {"no lines at all", "", ""},
  };
  for (const Case& c : kCases) {
    const Membership found = parse_control_groups(with_id(std::string(c.group)) + "\n");
    EXPECT_EQ(found.unit, c.unit) << c.group;
    EXPECT_EQ(found.container, c.container) << c.group;
  }
}

TEST(ControlGroups, AreSystemdsWhereThereAreSeveralHierarchies) {
  EXPECT_EQ(parse_control_groups("12:pids:/user.slice\n1:name=systemd:/system.slice/a.service\n"
                                 "0::/system.slice/b.service\n")
                .unit,
            "a.service");
  EXPECT_EQ(parse_control_groups("12:pids:/system.slice/a.service\n1:name=systemd:/\n"
                                 "0::/system.slice/b.service\n")
                .unit,
            "b.service");
  EXPECT_EQ(
      parse_control_groups(with_id("4:memory:/docker/ID\n1:name=systemd:/\n0::/\n")).container,
      "3f4e5d6c7b8a");
}

TEST(ControlGroups, OfAnybodysNamesAreBoundedAndPrintable) {
  const Membership found =
      parse_control_groups("0::/system.slice/\x1b[2J" + std::string(500, 'x') + ".service");
  EXPECT_LE(found.unit.size(), 256U);
  EXPECT_TRUE(found.unit.starts_with("\\x1b[2J")) << found.unit;
}

}  // namespace
}  // namespace muster::restart
