#include "agent/probes/firmware/network/devlink_firmware.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace muster::firmware {
namespace {

using Versions = std::vector<DevlinkVersion>;

TEST(DevlinkFirmware, IsTheVersionOfTheWholeElseThatOfItsControlUnit) {
  struct Case {
    Versions running;
    Versions stored;
    const char* name;
    const char* version;
    const char* next;
    bool tells_next;
  };
  for (const Case& each : {
           // mlx5, with an update in its flash, and without.
           Case{{{"fw.version", "22.35.1012"}, {"fw", "22.35.1012"}},
                {{"fw.version", "22.39.2048"}, {"fw", "22.39.2048"}},
                "fw",
                "22.35.1012",
                "22.39.2048",
                true},
           Case{{{"fw.version", "16.35.3502"}},
                {{"fw.version", "16.35.3502"}},
                "fw.version",
                "16.35.3502",
                "",
                true},
           // ice: the parts, and no whole.
           Case{{{"fw.mgmt", "7.3.4"},
                 {"fw.mgmt.api", "1.7.11"},
                 {"fw.undi", "1.3415.0"},
                 {"fw.psid.api", "4.20"},
                 {"fw.bundle_id", "0x80017785"},
                 {"fw.app.name", "ICE OS Default Package"},
                 {"fw.app", "1.3.30.0"},
                 {"fw.netlist", "4.2.5000-1.14.0"}},
                {{"fw.undi", "1.3415.0"}, {"fw.bundle_id", "0x80017785"}},
                "fw.mgmt",
                "7.3.4",
                "",
                false},
           // A driver that names the package alone.
           Case{{{"fw.app", "1.0"}, {"fw.bundle_id", "0x80017785"}},
                {{"fw.bundle_id", "0x80018e64"}},
                "fw.bundle_id",
                "0x80017785",
                "0x80018e64",
                true},
           // What runs names it, though something better is stored.
           Case{{{"fw.mgmt", "1"}}, {{"fw", "2"}}, "fw.mgmt", "1", "", false},
           // Nothing runs: what is stored will.
           Case{{}, {{"fw", "2"}}, "fw", "", "2", true},
           // Parts beside it, numbers of interfaces and of boards are no firmware's version.
           Case{{{"fw.undi", "1"}, {"fw.psid", "x"}, {"fw.mgmt.api", "1"}, {"board.id", "a"}},
                {},
                "",
                "",
                "",
                false},
           Case{{}, {}, "", "", "", false},
       }) {
    DevlinkDevice device;
    device.running = each.running;
    device.stored = each.stored;
    const DevlinkFirmware firmware = firmware_of(device);
    EXPECT_EQ(firmware.name, each.name);
    EXPECT_EQ(firmware.running, each.version) << each.name;
    EXPECT_EQ(firmware.next, each.next) << each.name;
    EXPECT_EQ(firmware.tells_next, each.tells_next) << each.name;
  }
}

TEST(DevlinkFirmware, IsNotWhatNobodyCanUpdate) {
  DevlinkDevice device;
  device.fixed = {{"fw", "1"}};
  EXPECT_EQ(firmware_of(device).name, "");
}

TEST(WaitingVersions, AreThoseThatRunAndAreStoredAsOthers) {
  DevlinkDevice device;
  device.running = {{"fw.mgmt", "7.3.4"}, {"fw.undi", "1.3415.0"}, {"board.rev", "a"}};
  device.stored = {{"fw.mgmt", "7.3.4"},
                   {"fw.undi", "1.3534.0"},
                   {"board.rev", "b"},
                   {"fw.netlist", "4.2"},
                   {"fwx", "1"}};
  const std::vector<WaitingVersion> waiting = waiting_of(device);
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting[0].name, "fw.undi");
  EXPECT_EQ(waiting[0].running, "1.3415.0");
  EXPECT_EQ(waiting[0].stored, "1.3534.0");
}

}  // namespace
}  // namespace muster::firmware
