#include "agent/probes/restart/microcode.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/probes/restart/processors.h"
#include "tests/agent/probes/restart/microcode_images.h"
#include "tests/agent/probes/test_root.h"

namespace muster::restart {
namespace {

using ::testing::HasSubstr;

std::string processor(std::string_view vendor, int family, int model, int stepping,
                      std::string_view revision) {
  return fmt::format(
      "processor\t: 0\nvendor_id\t: {}\ncpu family\t: {}\nmodel\t\t: {}\nmodel name\t: A (R) "
      "Processor\nstepping\t: {}\nmicrocode\t: {}\nflags\t\t: fpu vme\n\n",
      vendor, family, model, stepping, revision);
}
const std::string skylake = processor("GenuineIntel", 6, 85, 4, "0x2006e05");
const std::string milan = processor("AuthenticAMD", 25, 1, 1, "0xa0011d1");

TEST(Processors, AreNamedAsTheirMicrocodeIs) {
  struct Case {
    std::string cpu_info;
    std::string_view name;
    uint32_t signature;
  };
  const Case cases[] = {
      {skylake, "06-55-04", 0x50654},
      {milan, "19-01-01", 0xa00f11},
      {processor("AuthenticAMD", 23, 49, 0, "0x8301055"), "17-31-00", 0x830f10},
      {processor("AuthenticAMD", 21, 2, 0, "0x6000852"), "15-02-00", 0x600f20},
      {processor("GenuineIntel", 15, 6, 5, "0x8"), "0f-06-05", 0xf65},
  };
  for (const Case& c : cases) {
    const Processors processors = parse_cpu_info(c.cpu_info);
    EXPECT_EQ(processor_name(processors), c.name);
    EXPECT_EQ(processor_signature(processors), c.signature) << c.name;
  }
}

TEST(Processors, RunTheLowestRevisionOfAnyOfThem) {
  const std::string two = skylake + processor("GenuineIntel", 6, 85, 4, "0x2006d05");
  EXPECT_EQ(parse_cpu_info(two).revision, 0x2006d05U);
  EXPECT_EQ(parse_cpu_info("processor\t: 0\nBogoMIPS\t: 50.00\n").vendor, "");
  EXPECT_EQ(parse_cpu_info("").revision, 0U);
}

class MicrocodeLook : public ::testing::Test {
 protected:
  void install_intel(uint32_t revision) const {
    root_.write(
        "/lib/firmware/intel-ucode/06-55-04",
        test::intel_update({.revision = revision, .signature = 0x50654, .platforms = 0xb7}));
    root_.write("/sys/devices/system/cpu/cpu0/microcode/processor_flags", "0x1\n");
  }
  v1::Microcode look(std::string_view cpu_info,
                     v1::Virtualization machine = v1::VIRTUALIZATION_NONE) const {
    return look_at_microcode(root_.path(), machine, cpu_info);
  }

  test::TestRoot root_;
};

TEST_F(MicrocodeLook, WaitsForARestartWhereANewerOneIsInstalled) {
  install_intel(0x2007006);
  const v1::Microcode microcode = look(skylake);
  EXPECT_EQ(microcode.state(), v1::RESTART_STATE_PENDING);
  EXPECT_EQ(microcode.running_revision(), 0x2006e05U);
  EXPECT_EQ(microcode.available_revision(), 0x2007006U);
  EXPECT_EQ(microcode.processor(), "06-55-04");
  EXPECT_THAT(microcode.reason(), HasSubstr("run revision 0x2006e05, and "
                                            "/lib/firmware/intel-ucode/06-55-04 has 0x2007006"));
}

TEST_F(MicrocodeLook, IsCurrentWhereItIsAsNewAsTheInstalledOrNewer) {
  for (const uint32_t installed : {0x2006e05U, 0x2006000U}) {
    install_intel(installed);
    EXPECT_EQ(look(skylake).state(), v1::RESTART_STATE_CURRENT);
  }
}

TEST_F(MicrocodeLook, IsCurrentWhereNothingIsInstalledForTheProcessor) {
  EXPECT_EQ(look(skylake).state(), v1::RESTART_STATE_CURRENT);
  EXPECT_THAT(look(skylake).reason(), HasSubstr("there is no /lib/firmware/intel-ucode/06-55-04"));
  install_intel(0x2007006);
  root_.write("/sys/devices/system/cpu/cpu0/microcode/processor_flags", "0x8\n");
  EXPECT_EQ(look(skylake).state(), v1::RESTART_STATE_CURRENT);
  EXPECT_EQ(look(skylake).available_revision(), 0U);
}

TEST_F(MicrocodeLook, ReadsTheFileOfAnAmdFamily) {
  root_.write("/lib/firmware/amd-ucode/microcode_amd_fam19h.bin",
              test::amd_container({{0xa00f11, 0xa011}}, {{0xa0011d5, 0xa011}}));
  EXPECT_EQ(look(milan).state(), v1::RESTART_STATE_PENDING);
  EXPECT_EQ(look(milan).available_revision(), 0xa0011d5U);
}

TEST_F(MicrocodeLook, SaysWhyItCouldNotTell) {
  install_intel(0x2007006);
  std::filesystem::remove(root_.path() + "/sys/devices/system/cpu/cpu0/microcode/processor_flags");
  EXPECT_EQ(look(skylake).state(), v1::RESTART_STATE_UNSPECIFIED);
  EXPECT_THAT(look(skylake).reason(), HasSubstr("which of Intel's platforms"));

  root_.write("/lib/firmware/amd-ucode/microcode_amd_fam19h.bin.xz", "compressed");
  EXPECT_EQ(look(milan).state(), v1::RESTART_STATE_UNSPECIFIED);
  EXPECT_THAT(look(milan).reason(), HasSubstr("fam19h.bin.xz is compressed"));

  root_.write("/lib/firmware/amd-ucode/microcode_amd_fam19h.bin", "no container");
  EXPECT_EQ(look(milan).state(), v1::RESTART_STATE_UNSPECIFIED);
  EXPECT_THAT(look(milan).reason(), HasSubstr("no table of processors"));

  EXPECT_EQ(look("").state(), v1::RESTART_STATE_UNSPECIFIED);
  const std::string silent = "vendor_id\t: GenuineIntel\ncpu family\t: 6\n";
  EXPECT_EQ(look(silent).state(), v1::RESTART_STATE_UNSPECIFIED);
}

TEST_F(MicrocodeLook, ReadsNoFileOfAnySize) {
  root_.write("/lib/firmware/amd-ucode/microcode_amd_fam19h.bin",
              std::string((16 << 20) + 1, '\0'));
  EXPECT_EQ(look(milan).state(), v1::RESTART_STATE_UNSPECIFIED);
}

TEST_F(MicrocodeLook, DoesNotApplyToGuestsAndOtherProcessors) {
  install_intel(0x2007006);
  for (const v1::Virtualization machine :
       {v1::VIRTUALIZATION_CONTAINER, v1::VIRTUALIZATION_VIRTUAL_MACHINE}) {
    EXPECT_EQ(look(skylake, machine).state(), v1::RESTART_STATE_NOT_APPLICABLE);
  }
  EXPECT_EQ(look("processor\t: 0\nBogoMIPS\t: 50.00\nCPU part\t: 0xd0c\n").state(),
            v1::RESTART_STATE_NOT_APPLICABLE);
  // A container that hides that it is one could ask for a restart that is not its own.
  EXPECT_EQ(look(skylake, v1::VIRTUALIZATION_UNSPECIFIED).state(), v1::RESTART_STATE_UNSPECIFIED);
}

}  // namespace
}  // namespace muster::restart
