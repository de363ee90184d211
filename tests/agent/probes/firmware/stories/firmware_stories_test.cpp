// Machines, each named for its story, and what the probe says of them: expected/STORY.json.
// To accept what it says now: MUSTER_ACCEPT_STORIES=1 firmware_stories_test, and read the diff.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <fstream>

#include "agent/probes/firmware/firmware_look.h"
#include "common/files.h"
#include "muster/v1/firmware_facts.pb.h"
#include "tests/agent/probes/firmware/device_replies.h"
#include "tests/agent/probes/firmware/example_authority.h"
#include "tests/agent/probes/firmware/machine.h"
#include "tests/agent/probes/firmware/smbios/smbios_builder.h"

namespace muster::firmware {
namespace {

using test::Machine;
using test::signature_list;

using Answers = std::vector<answers::Answer>;

struct Story {
  const char* name;
  void (*tell)(Machine& machine);
  // What its devices answer; without, there is nobody who asks them.
  Answers (*answer)() = nullptr;
};
void PrintTo(const Story& story, std::ostream* stream) {
  *stream << story.name;
}

void add_smbios(Machine& machine, const std::string& table) {
  const std::string dump = test::dump_of(table);
  machine.files().write("/sys/firmware/dmi/tables/smbios_entry_point", dump.substr(0, 24));
  machine.files().write("/sys/firmware/dmi/tables/DMI", dump.substr(32));
}

void add_weakness(Machine& machine, const std::string& name, const std::string& words) {
  machine.files().write("/sys/devices/system/cpu/vulnerabilities/" + name, words + "\n");
}

// The second processor was exchanged, and its microcode is what it came with.
void tell_two_sockets(Machine& machine) {
  add_smbios(machine, test::server_table());
  machine.add_processors(0, 20, "0x5003604");
  machine.add_processors(20, 20, "0x5003303");
  add_weakness(machine, "gather_data_sampling", "Mitigation: Microcode");
  add_weakness(machine, "spectre_v2", "Mitigation: Enhanced / Automatic IBRS; BHI: Vulnerable");
  add_weakness(machine, "meltdown", "Not affected");
  machine.add_device("nvme", "nvme0", "0000:5e:00.0",
                     {{"model", "Dell Ent NVMe P5600 MU U.2 1.6TB        "},
                      {"firmware_rev", "1.2.0   "},
                      {"transport", "pcie"}});
  machine.add_pci_device("0000:3b:00.0", "mlx5_core");
  machine.set_pci_ids("0000:3b:00.0", "0x15b3", "0x1017");
  machine.add_device(
      "infiniband", "mlx5_0", "0000:3b:00.0",
      {{"fw_ver", "16.35.2000"}, {"hca_type", "MT4119"}, {"board_id", "MT_0000000012"}});
  machine.files().write("/sys/class/tpm/tpm0/tpm_version_major", "2\n");
  machine.files().write("/sys/devices/platform/ipmi_bmc.0/firmware_revision", "7.00\n");
  machine.files().link("/sys/devices/platform/IPI0001:00/bmc", "../ipmi_bmc.0");
  machine.files().link("/sys/devices/platform/IPI0001:00/ipmi/ipmi0/device", "../..");
  machine.files().link("/sys/class/ipmi/ipmi0", "../../devices/platform/IPI0001:00/ipmi/ipmi0");
  machine.add_variable(test::kSecureBoot, std::string_view("\1", 1));
  machine.add_variable(test::kSetupMode, std::string_view("\0", 1));
  const std::string authority = signature_list(test::kOfCertificates, {test::example_authority()});
  machine.add_variable(test::kPlatformKey, authority);
  machine.add_variable(test::kAllowed, authority);
  machine.add_variable(
      test::kRevoked,
      signature_list(test::kOfPrograms, std::vector<std::string>(371, std::string(32, '\x11'))));
  machine.add_variable(test::kSbatLevel, "sbat,1,2023012900\nshim,2\ngrub,3\ngrub.debian,4\n");
}

// Its drive and its network adapter have newer firmware, which runs after the next start; the log
// of its controller is nearly full.
Answers answer_two_sockets() {
  return {
      test::answered("nvme0/identify",
                     test::nvme_identity("Dell Ent NVMe P5600 MU U.2 1.6TB", "1.2.0")),
      test::answered("nvme0/firmware-slots", test::nvme_slots(0x21, "1.2.0", "1.3.0")),
      test::answered("ipmi0/device-id", test::idrac_device_id()),
      test::answered("ipmi0/event-log", test::event_log_info(973, false)),
      test::answered("devlink", test::devlink_answer(test::device(
                                    "0000:3b:00.0",
                                    test::text_attribute(98, "mlx5_core") +
                                        test::version(test::kFixed, "fw.psid", "MT_0000000012") +
                                        test::version(test::kRunning, "fw", "16.35.2000") +
                                        test::version(test::kStored, "fw", "16.35.4030")))),
  };
}

// QEMU with SeaBIOS: its disks are the host's, and its processor tells the microcode that KVM makes
// up.
void tell_virtual_machine(Machine& machine) {
  add_smbios(machine, test::StructureBuilder(0, 0x18, 0)
                              .text(0x04, "SeaBIOS")
                              .text(0x05, "1.16.2-debian-1.16.2-1")
                              .text(0x08, "04/01/2014")
                              .number<uint8_t>(0x14, 0)
                              .number<uint8_t>(0x15, 0)
                              .number<uint8_t>(0x16, 0xff)
                              .number<uint8_t>(0x17, 0xff)
                              .build() +
                          test::StructureBuilder(1, 0x1b, 0x100)
                              .text(0x04, "QEMU")
                              .text(0x05, "Standard PC (Q35 + ICH9, 2009)")
                              .build() +
                          test::end_of_table());
  machine.files().make_directory("/sys/class");
  machine.files().make_directory("/sys/firmware/acpi");
  machine.add_processors(0, 2, "0x1");
  machine.files().write("/sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/removable", "0\n");
  machine.files().link("/sys/block/vda", "../devices/pci0000:00/0000:00:04.0/virtio1/block/vda");
}

// It sees the processors and nothing of the machine: /sys/firmware is hidden.
void tell_container(Machine& machine) {
  machine.files().make_directory("/sys/class");
  machine.files().make_directory("/sys/firmware");
  machine.add_processors(0, 4, "0x5003604");
}

// A board of ARM, which has a device tree in place of SMBIOS, and no microcode.
void tell_board_without_smbios(Machine& machine) {
  machine.files().make_directory("/sys/class");
  machine.files().make_directory("/sys/firmware/devicetree/base");
  machine.files().write("/proc/cpuinfo",
                        "processor\t: 0\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\n"
                        "CPU part\t: 0xd08\n\n");
  add_weakness(machine, "spectre_v2", "Vulnerable");
}

// Of what the makers of a white box left as it was.
void tell_board_of_placeholders(Machine& machine) {
  add_smbios(machine, test::StructureBuilder(0, 0x18, 0)
                              .text(0x04, "American Megatrends Inc.")
                              .text(0x05, "3.2")
                              .text(0x08, "02/13/2018")
                              .number<uint8_t>(0x16, 0xff)
                              .number<uint8_t>(0x17, 0xff)
                              .build() +
                          test::StructureBuilder(1, 0x1b, 0x100)
                              .text(0x04, "To Be Filled By O.E.M.")
                              .text(0x05, "Default string")
                              .build() +
                          test::StructureBuilder(2, 0x0f, 0x200)
                              .text(0x04, "ASRockRack")
                              .text(0x05, "E3C236D2I")
                              .number<uint16_t>(0x0b, 0x300)
                              .build() +
                          test::end_of_table());
  machine.files().make_directory("/sys/class");
}

// The system's own update was refused, and UEFI remembers why.
void tell_failed_update(Machine& machine) {
  machine.files().make_directory("/sys/class");
  machine.add_variable(test::kSecureBoot, std::string_view("\0", 1));
  machine.add_variable(test::kSetupMode, std::string_view("\0", 1));
  const std::string entry = "/sys/firmware/efi/esrt/entries/entry0/";
  machine.files().write(entry + "fw_class", "6b9a4c8c-3f1c-4b1e-9b3e-2f1d0a0c7e11\n");
  machine.files().write(entry + "fw_type", "1\n");
  machine.files().write(entry + "fw_version", "65586\n");
  machine.files().write(entry + "lowest_supported_fw_version", "0\n");
  machine.files().write(entry + "last_attempt_version", "65590\n");
  machine.files().write(entry + "last_attempt_status", "5\n");
}

// A RAID adapter whose volumes tell what its driver does not, a disk beside it, and what is not of
// the machine.
void tell_server_with_disks(Machine& machine) {
  machine.add_pci_device("0000:18:00.0", "megaraid_sas");
  machine.add_scsi_host("host0", "0000:18:00.0", {});
  machine.add_disk("sda", "0000:18:00.0", "/host0/target0:2:0/0:2:0:0", "0",
                   {{"vendor", "DELL    "}, {"model", "PERC H730 Mini  "}, {"rev", "4.30"}});
  machine.add_pci_device("0000:3b:00.0", "mpt3sas");
  machine.add_scsi_host("host1", "0000:3b:00.0",
                        {{"version_fw", "16.00.11.00"}, {"board_name", "SAS9300-8i"}});
  machine.add_disk("sdb", "0000:3b:00.0", "/host1/port-1:0/end_device-1:0/target1:0:0/1:0:0:0", "0",
                   {{"vendor", "SEAGATE "}, {"model", "ST1200MM0009    "}, {"rev", "N004"}});
  machine.add_disk("sdc", "0000:00:14.0", "/usb1/1-1/1-1:1.0/host2/target2:0:0/2:0:0:0", "0",
                   {{"vendor", "SanDisk "}, {"model", "Ultra           "}, {"rev", "1.00"}});
}

class FirmwareStories : public ::testing::TestWithParam<Story> {};

TEST_P(FirmwareStories, AreToldAsExpected) {
  Machine machine;
  GetParam().tell(machine);
  const probe::HostAnswers answers = GetParam().answer == nullptr
                                         ? probe::HostAnswers("nobody was asked")
                                         : probe::HostAnswers(GetParam().answer());
  const v1::Section section = look_at_firmware(machine.root(), answers);
  ASSERT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  v1::FirmwareFacts facts;
  ASSERT_TRUE(facts.ParseFromString(section.facts()));

  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string told;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(facts, &told, options).ok());
  const std::string path = fmt::format("{}/tests/agent/probes/firmware/stories/expected/{}.json",
                                       MUSTER_SOURCE_DIRECTORY, GetParam().name);
  if (::getenv("MUSTER_ACCEPT_STORIES") != nullptr) std::ofstream(path) << told;
  const auto expected = read_file(path, 1 << 20);
  ASSERT_TRUE(expected.ok()) << expected.status();
  v1::FirmwareFacts wanted;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(*expected, &wanted).ok());
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(wanted, facts)) << differences;
}

INSTANTIATE_TEST_SUITE_P(
    Of, FirmwareStories,
    ::testing::Values(Story{"two_sockets_and_mixed_microcode", &tell_two_sockets,
                            &answer_two_sockets},
                      Story{"virtual_machine", &tell_virtual_machine},
                      Story{"container", &tell_container},
                      Story{"board_without_smbios", &tell_board_without_smbios},
                      Story{"board_of_placeholders", &tell_board_of_placeholders},
                      Story{"failed_update", &tell_failed_update},
                      Story{"server_with_disks", &tell_server_with_disks}),
    [](const auto& story) { return std::string(story.param.name); });

}  // namespace
}  // namespace muster::firmware
