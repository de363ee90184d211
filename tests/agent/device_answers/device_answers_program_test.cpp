// muster-device-answers as it is installed: who may ask, and what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/device_answers/device_tasks.h"
#include "tests/agent/answers/asking_program.h"

namespace muster::answers {
namespace {

using ::testing::HasSubstr;

const AskingProgram program(MUSTER_BUILD_DIRECTORY "/libexec/muster/muster-device-answers");
constexpr uid_t kSomebody = 64322;

std::vector<std::string> names_of(DeviceGroup group) {
  std::vector<std::string> names;
  for (const Task& task : device_tasks(group, {}))
    names.push_back(task.name);
  return names;
}

TEST(DeviceAnswersProgram, AnswersEveryQuestionOfItsGroup) {
  const Ended firmware = program.run({"firmware"});
  EXPECT_EQ(firmware.status, 0);
  EXPECT_EQ(names_in_table(firmware.text), names_of(DeviceGroup::kFirmware));
  const Ended hardware = program.run({"hardware"});
  EXPECT_EQ(hardware.status, 0);
  EXPECT_EQ(names_in_table(hardware.text), names_of(DeviceGroup::kHardware));
}

TEST(DeviceAnswersProgram, TakesAnOrderOfOneByteOverASocketAndClosesOnAnyOther) {
  EXPECT_EQ(names_in_table(program.run_with_order("f").text), names_of(DeviceGroup::kFirmware));
  EXPECT_EQ(names_in_table(program.run_with_order("h/dev/sda").text),
            names_of(DeviceGroup::kHardware));
  for (int byte = 0; byte < 256; ++byte) {
    if (byte == 'f' || byte == 'h') continue;
    const Ended ended = program.run_with_order(std::string(1, static_cast<char>(byte)));
    EXPECT_EQ(ended.status, kRefusedOrder) << byte;
    EXPECT_EQ(ended.text, "") << byte;
  }
  EXPECT_EQ(program.run_with_order("").status, kRefusedOrder);
}

TEST(DeviceAnswersProgram, AnswersNobodyButItsOwnUser) {
  if (::geteuid() != 0) return;  // only root can be somebody else for a moment
  const Ended ended = program.run_with_order("f", kSomebody);
  EXPECT_EQ(ended.status, kRefusedUser);
  EXPECT_EQ(ended.text, "");
}

TEST(DeviceAnswersProgram, RefusesWhatIsNoOrder) {
  EXPECT_EQ(program.run({}).status, kRefusedOrder) << "without an argument and without a socket";
  for (const char* const word : {"", "f", "everything", "firmware ", "/dev/sda", "--root"})
    EXPECT_EQ(program.run({word}).status, kRefusedOrder) << word;
  EXPECT_EQ(program.run({"firmware", "hardware"}).status, kRefusedOrder);
}

TEST(DeviceAnswersProgram, SaysWhatItIs) {
  const Ended help = program.run({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.text, HasSubstr("Usage: muster-device-answers firmware|hardware"));
}

}  // namespace
}  // namespace muster::answers
