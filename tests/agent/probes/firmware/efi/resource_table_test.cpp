#include "agent/probes/firmware/efi/resource_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/test_root.h"

namespace muster::firmware {
namespace {

using ::testing::IsEmpty;

constexpr const char* kClass = "6b9a4c8c-3f1c-4b1e-9b3e-2f1d0a0c7e11";

void add_entry(const test::TestRoot& root, const std::string& entry, const std::string& of_class,
               const std::string& type, const std::string& attempt, const std::string& status) {
  const std::string directory = "/sys/firmware/efi/esrt/entries/" + entry + "/";
  root.write(directory + "fw_class", of_class + "\n");
  root.write(directory + "fw_type", type + "\n");
  root.write(directory + "fw_version", "65586\n");
  root.write(directory + "lowest_supported_fw_version", "65550\n");
  root.write(directory + "last_attempt_version", attempt + "\n");
  root.write(directory + "last_attempt_status", status + "\n");
}

TEST(ResourceTable, ListsFirmwareWithItsVersionsByTheirNumbers) {
  const test::TestRoot root;
  add_entry(root, "entry0", kClass, "1", "65586", "0");
  const Found found = look_at_resource_table(root.path());
  ASSERT_EQ(found.components.size(), 1u);
  const v1::FirmwareComponent& component = found.components[0];
  EXPECT_EQ(component.kind(), v1::FIRMWARE_KIND_OTHER);
  EXPECT_EQ(component.name(), kClass);
  EXPECT_EQ(component.model(), "system firmware");
  EXPECT_EQ(component.version(), "65586");
  EXPECT_EQ(component.lowest_version(), "65550");
  EXPECT_EQ(component.failed_update(), "");
  EXPECT_EQ(component.source(), "ESRT");
}

TEST(ResourceTable, SaysWhyTheLastUpdateFailed) {
  struct Case {
    std::string status;
    std::string words;
  };
  for (const Case& each : {Case{"1", "to version 65590: unsuccessful"},
                           Case{"5", "to version 65590: authentication failed"},
                           Case{"7", "to version 65590: battery too low"},
                           Case{"8", "to version 65590: something that it depends on is missing"},
                           Case{"4096", "to version 65590: the maker's status 4096"},
                           Case{"4294967295", "to version 65590: the maker's status 4294967295"},
                           // No status of UEFI: nothing is known of a failure.
                           Case{"-1", ""}, Case{"", ""}}) {
    const test::TestRoot root;
    add_entry(root, "entry0", kClass, "2", "65590", each.status);
    const Found found = look_at_resource_table(root.path());
    ASSERT_EQ(found.components.size(), 1u);
    EXPECT_EQ(found.components[0].failed_update(), each.words) << each.status;
  }
}

TEST(ResourceTable, IsByNameAndLeavesOutWhatHasNone) {
  const test::TestRoot root;
  add_entry(root, "entry0", "bbbb", "9", "0", "0");
  add_entry(root, "entry1", "aaaa", "x", "0", "0");
  root.make_directory("/sys/firmware/efi/esrt/entries/entry2");
  const Found found = look_at_resource_table(root.path());
  ASSERT_EQ(found.components.size(), 2u);
  EXPECT_EQ(found.components[0].name(), "aaaa");
  EXPECT_EQ(found.components[0].model(), "");
  EXPECT_EQ(found.components[1].model(), "");
}

TEST(ResourceTable, ThatOnlyRootMayReadIsSaid) {
  const test::TestRoot root;
  add_entry(root, "entry0", kClass, "1", "65586", "0");
  root.set_mode("/sys/firmware/efi/esrt/entries", 0700);
  const test::WithoutRights nobody;
  const Found found = look_at_resource_table(root.path());
  EXPECT_THAT(found.components, IsEmpty());
  ASSERT_EQ(found.unreadable.size(), 1u);
  EXPECT_EQ(found.unreadable[0].path(), "/sys/firmware/efi/esrt/entries");
}

}  // namespace
}  // namespace muster::firmware
