// What the kernel and its drivers answer of network adapters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "agent/probes/firmware/adapters/adapters.h"
#include "agent/probes/firmware/answered/answered.h"
#include "tests/agent/probes/firmware/device_replies.h"
#include "tests/agent/probes/firmware/machine.h"

namespace muster::firmware {
namespace {

using answers::Answer;
using answers::Outcome;
using probe::HostAnswers;
using test::answered;
using test::Machine;
using ::testing::HasSubstr;

// An interface of an adapter at PCI, with the adapter's numbers.
void add_interface(Machine& machine, const std::string& name, const std::string& address,
                   const std::string& vendor, const std::string& device) {
  machine.add_pci_device(address, "driver");
  machine.add_device("net", name, address, {});
  machine.set_pci_ids(address, vendor, device);
}

Found look(const Machine& machine, std::vector<Answer> answers) {
  Found found = look_at_network_adapters(machine.root());
  add_answers_of_network_adapters(HostAnswers(std::move(answers)), machine.root(), found);
  return found;
}

const Answer kNoDevlink{"devlink", Outcome::kAbsent, ENOENT, "", ""};

TEST(AnsweredAdapters, TellByDevlinkWhatWillRunAfterTheNextReset) {
  Machine machine;
  add_interface(machine, "ens1f0", "0000:3b:00.0", "0x8086", "0x1592");
  const Found found =
      look(machine,
           {answered("devlink",
                     test::devlink_answer(test::device(
                         "0000:3b:00.0", test::text_attribute(98, "ice") +
                                             test::version(test::kFixed, "board.id", "K65390-000") +
                                             test::version(test::kRunning, "fw.mgmt", "7.3.5") +
                                             test::version(test::kStored, "fw.mgmt", "7.4.13"))))});
  ASSERT_EQ(found.components.size(), 1);
  const v1::FirmwareComponent& adapter = found.components[0];
  EXPECT_EQ(adapter.kind(), v1::FIRMWARE_KIND_NETWORK);
  EXPECT_EQ(adapter.name(), "0000:3b:00.0");
  EXPECT_EQ(adapter.vendor(), "Intel");
  EXPECT_EQ(adapter.model(), "ice K65390-000");
  EXPECT_EQ(adapter.version(), "7.3.5");
  EXPECT_EQ(adapter.next_version(), "7.4.13");
  EXPECT_TRUE(adapter.tells_next());
  EXPECT_EQ(adapter.source(), "devlink");
  EXPECT_TRUE(found.unreadable.empty());
}

TEST(AnsweredAdapters, AreTheSameThatRdmaToldOf) {
  Machine machine;
  machine.add_pci_device("0000:3b:00.0", "mlx5_core");
  machine.add_device(
      "infiniband", "mlx5_0", "0000:3b:00.0",
      {{"fw_ver", "16.32.1010"}, {"hca_type", "MT4119"}, {"board_id", "MT_0000000012"}});
  const Found found = look(
      machine,
      {answered("devlink",
                test::devlink_answer(test::device(
                    "0000:3b:00.0", test::text_attribute(98, "mlx5_core") +
                                        test::version(test::kFixed, "fw.psid", "MT_0000000012") +
                                        test::version(test::kRunning, "fw", "16.32.1010") +
                                        test::version(test::kStored, "fw", "16.35.2000"))))});
  ASSERT_EQ(found.components.size(), 1);
  EXPECT_EQ(found.components[0].model(), "MT4119 MT_0000000012");
  EXPECT_EQ(found.components[0].version(), "16.32.1010");
  EXPECT_EQ(found.components[0].next_version(), "16.35.2000");
}

TEST(AnsweredAdapters, WithoutDevlinkTellWhatTheirDriverDoes) {
  Machine machine;
  add_interface(machine, "eno1", "0000:03:00.0", "0x8086", "0x1521");
  const Found found = look(
      machine,
      {kNoDevlink, answered("eno1/driver",
                            test::driver_information("igb", "1.63, 0x800009fa", "0000:03:00.0"))});
  ASSERT_EQ(found.components.size(), 1);
  EXPECT_EQ(found.components[0].model(), "igb 8086:1521");
  EXPECT_EQ(found.components[0].version(), "1.63, 0x800009fa");
  EXPECT_FALSE(found.components[0].tells_next());
  EXPECT_EQ(found.components[0].source(), "ethtool");
}

// It has 31 letters: what begins alike is not the same.
TEST(AnsweredAdapters, AVersionThatMayBeCutIsNoVersion) {
  Machine machine;
  add_interface(machine, "eno1", "0000:03:00.0", "0x14e4", "0x16d7");
  const Found found = look(
      machine,
      {kNoDevlink,
       answered("eno1/driver", test::driver_information(
                                   "bnxt_en", "218.0.219.13/pkg 21.85.21.91.12", "0000:03:00.0"))});
  ASSERT_EQ(found.components.size(), 1);
  EXPECT_EQ(found.components[0].vendor(), "Broadcom");
  EXPECT_EQ(found.components[0].version(), "");
  ASSERT_EQ(found.unreadable.size(), 1);
  EXPECT_EQ(found.unreadable[0].path(), "eno1");
  EXPECT_THAT(found.unreadable[0].error(), HasSubstr("218.0.219.13/pkg 21.85.21.91.12"));
}

TEST(AnsweredAdapters, WithoutFirmwareAreNotThere) {
  Machine machine;
  add_interface(machine, "eth0", "0000:00:03.0", "0x1af4", "0x1041");
  add_interface(machine, "eth1", "0000:00:04.0", "0x10ec", "0x8139");
  machine.files().make_directory("/sys/devices/virtual/net/docker0");
  machine.files().link("/sys/class/net/docker0", "../../devices/virtual/net/docker0");
  const Found found =
      look(machine, {kNoDevlink,
                     answered("eth0/driver", test::driver_information("virtio_net", "", "")),
                     {"eth1/driver", Outcome::kFailed, EOPNOTSUPP, "", ""}});
  EXPECT_TRUE(found.components.empty());
  EXPECT_TRUE(found.unreadable.empty());
}

TEST(AnsweredAdapters, AreNotTheirVirtualFunctions) {
  Machine machine;
  add_interface(machine, "ens1f0", "0000:3b:00.0", "0x15b3", "0x1017");
  add_interface(machine, "ens1f0v0", "0000:3b:00.2", "0x15b3", "0x1018");
  machine.files().link("/sys/devices/pci0000:00/0000:00:02.0/0000:3b:00.2/physfn",
                       "../0000:3b:00.0");
  const std::string firmware = test::version(test::kRunning, "fw", "16.32.1010");
  const Found found = look(
      machine, {answered("devlink", test::devlink_answer(test::device("0000:3b:00.0", firmware),
                                                         test::device("0000:3b:00.2", firmware)))});
  ASSERT_EQ(found.components.size(), 1);
  EXPECT_EQ(found.components[0].name(), "0000:3b:00.0");
}

TEST(AnsweredAdapters, ThatWereNotAskedAreAsBeforeAndThatIsSaid) {
  Machine machine;
  add_interface(machine, "eno1", "0000:03:00.0", "0x8086", "0x1521");
  Found found = look_at_network_adapters(machine.root());
  add_answers_of_network_adapters(HostAnswers("nobody was asked"), machine.root(), found);
  EXPECT_TRUE(found.components.empty());
  ASSERT_EQ(found.unreadable.size(), 1);
  EXPECT_EQ(found.unreadable[0].error(), "nobody was asked (and 1 more)");
  // A machine without adapters has nothing to say of them.
  const Machine none;
  Found nothing;
  add_answers_of_network_adapters(HostAnswers("nobody was asked"), none.root(), nothing);
  EXPECT_TRUE(nothing.unreadable.empty());
}

TEST(AnsweredAdapters, AreNotTakenFromAnAnswerThatMakesNoSense) {
  Machine machine;
  add_interface(machine, "eno1", "0000:03:00.0", "0x8086", "0x1521");
  const std::string whole = test::devlink_answer(
      test::device("0000:03:00.0", test::version(test::kRunning, "fw", "1.0")));
  for (const std::string& bytes :
       {std::string(), std::string("hello"), whole.substr(0, whole.size() - 20),
        test::error_message(ENOMEM), std::string(64, '\xff')}) {
    const Found found =
        look(machine, {answered("devlink", bytes),
                       answered("eno1/driver", test::driver_information("igb", "", ""))});
    EXPECT_TRUE(found.components.empty());
    ASSERT_EQ(found.unreadable.size(), 1);
    EXPECT_EQ(found.unreadable[0].path(), "devlink");
  }
}

}  // namespace
}  // namespace muster::firmware
