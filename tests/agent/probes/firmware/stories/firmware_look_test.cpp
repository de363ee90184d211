// What a look does where a source is missing, hidden or damaged.
#include "agent/probes/firmware/firmware_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "muster/v1/firmware_facts.pb.h"
#include "tests/agent/probes/firmware/machine.h"
#include "tests/agent/probes/firmware/smbios/smbios_builder.h"

namespace muster::firmware {
namespace {

using test::Machine;
using ::testing::HasSubstr;

constexpr const char* kEntryPoint = "/sys/firmware/dmi/tables/smbios_entry_point";
constexpr const char* kTable = "/sys/firmware/dmi/tables/DMI";

v1::FirmwareFacts facts_of(const std::string& root) {
  const v1::Section section = look_at_firmware(root, probe::HostAnswers("nobody was asked"));
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  v1::FirmwareFacts facts;
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

void add_smbios(Machine& machine) {
  const std::string dump = test::dump_of(test::server_table());
  machine.files().write(kEntryPoint, dump.substr(0, 24));
  machine.files().write(kTable, dump.substr(32));
}

TEST(FirmwareLook, IsNotForAnImageAtRest) {
  const test::TestRoot root;
  root.make_directory("/etc");
  const v1::Section section = look_at_firmware(root.path(), probe::HostAnswers("nobody was asked"));
  EXPECT_EQ(section.outcome(), v1::OUTCOME_NOT_APPLICABLE);
  EXPECT_THAT(section.reason(), HasSubstr("an image at rest has no firmware"));
}

TEST(FirmwareLook, WithoutRootHasWhatTheKernelTellsEverybody) {
  Machine machine;
  add_smbios(machine);
  machine.files().set_mode(kTable, 0400);
  machine.files().write("/sys/class/dmi/id/sys_vendor", "Dell Inc.\n");
  machine.files().write("/sys/class/dmi/id/product_name", "PowerEdge R640\n");
  machine.files().write("/sys/class/dmi/id/bios_version", "2.19.1\n");
  machine.files().write("/sys/class/dmi/id/bios_date", "06/04/2023\n");
  const test::WithoutRights nobody;
  const v1::FirmwareFacts facts = facts_of(machine.root());
  ASSERT_EQ(facts.components_size(), 1);
  EXPECT_EQ(facts.components(0).vendor(), "Dell Inc.");
  EXPECT_EQ(facts.components(0).version(), "2.19.1");
  EXPECT_EQ(facts.components(0).version_date(), "2023-06-04");
  EXPECT_EQ(facts.components(0).source(), "sysfs");
  ASSERT_EQ(facts.unreadable_size(), 1);
  EXPECT_EQ(facts.unreadable(0).path(), kTable);
  EXPECT_THAT(facts.unreadable(0).error(), HasSubstr("run the probe as root"));
}

TEST(FirmwareLook, ReadsNoTableByAGuessedVersion) {
  Machine machine;
  add_smbios(machine);
  machine.files().write(kEntryPoint, std::string(24, 'x'));
  const v1::FirmwareFacts facts = facts_of(machine.root());
  EXPECT_EQ(facts.components_size(), 0);
  ASSERT_EQ(facts.unreadable_size(), 1);
  EXPECT_EQ(facts.unreadable(0).path(), kEntryPoint);
}

TEST(FirmwareLook, SaysThatATableIsCut) {
  Machine machine;
  add_smbios(machine);
  machine.files().write(kTable, test::server_table().substr(0, 200));
  const v1::FirmwareFacts facts = facts_of(machine.root());
  EXPECT_EQ(facts.components(0).kind(), v1::FIRMWARE_KIND_SYSTEM);
  ASSERT_EQ(facts.unreadable_size(), 1);
  EXPECT_EQ(facts.unreadable(0).path(), kTable);
}

TEST(FirmwareLook, HasABoundAndSaysWhatIsLeftOut) {
  Machine machine;
  for (int i = 0; i < 250; ++i) {
    machine.add_device("nvme", fmt::format("nvme{}", i), fmt::format("0000:{:02x}:00.0", i),
                       {{"model", "X"}});
    machine.add_disk(fmt::format("sd{}", i), fmt::format("0001:{:02x}:00.0", i), "/host0", "0",
                     {{"vendor", "SEAGATE"}, {"model", "ST"}, {"rev", "N004"}});
  }
  EXPECT_EQ(facts_of(machine.root()).components_size(), kMostComponents);
  // That nobody asks the drives.
  EXPECT_EQ(facts_of(machine.root()).unreadable_size(), 1);
  machine.add_processors(0, 1, "0x5003604");
  const v1::FirmwareFacts facts = facts_of(machine.root());
  EXPECT_EQ(facts.components_size(), kMostComponents);
  ASSERT_EQ(facts.unreadable_size(), 2);
  EXPECT_EQ(facts.unreadable(1).error(),
            "it tells of 501 pieces of firmware, 1 of them are left out");
}

}  // namespace
}  // namespace muster::firmware
