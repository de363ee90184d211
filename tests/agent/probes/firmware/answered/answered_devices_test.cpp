// What drives and management controllers answer, over what sysfs told of them before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "agent/probes/firmware/answered/answered.h"
#include "tests/agent/probes/firmware/device_replies.h"

namespace muster::firmware {
namespace {

using answers::Answer;
using answers::Outcome;
using probe::HostAnswers;
using test::answered;
using ::testing::HasSubstr;

Found drives(const std::vector<std::string>& names) {
  Found found;
  for (const std::string& name : names) {
    v1::FirmwareComponent& drive = found.components.emplace_back();
    drive.set_name(name);
    drive.set_model("SAMSUNG");
    // What the driver read when the machine started.
    drive.set_version("GDC5602Q");
    drive.set_source("sysfs");
  }
  return found;
}

const std::string kIdentity = test::nvme_identity("SAMSUNG MZQL21T9HCJR-00A07", "GDC5A02Q");

TEST(AnsweredDrives, TellWhatRunsAndWhatWillAfterTheNextReset) {
  Found found = drives({"nvme0"});
  add_answers_of_nvme_drives(
      HostAnswers(std::vector{
          answered("nvme0/identify", kIdentity),
          answered("nvme0/firmware-slots", test::nvme_slots(0x12, "GDC5B02Q", "GDC5A02Q"))}),
      found);
  EXPECT_EQ(found.components[0].model(), "SAMSUNG MZQL21T9HCJR-00A07");
  EXPECT_EQ(found.components[0].version(), "GDC5A02Q");
  EXPECT_EQ(found.components[0].next_version(), "GDC5B02Q");
  EXPECT_TRUE(found.components[0].tells_next());
  EXPECT_EQ(found.components[0].source(), "NVMe");
  EXPECT_TRUE(found.unreadable.empty());
}

TEST(AnsweredDrives, WithoutTheirLogTellNothingOfWhatIsNext) {
  Found found = drives({"nvme0"});
  add_answers_of_nvme_drives(
      HostAnswers(std::vector{answered("nvme0/identify", kIdentity),
                              Answer{"nvme0/firmware-slots", Outcome::kAnswered, 0x2002, "", ""}}),
      found);
  EXPECT_EQ(found.components[0].version(), "GDC5A02Q");
  EXPECT_FALSE(found.components[0].tells_next());
  ASSERT_EQ(found.unreadable.size(), 1);
  EXPECT_EQ(found.unreadable[0].path(), "/dev/nvme0");
  EXPECT_EQ(found.unreadable[0].error(), "the device refused with status 0x2002");
}

TEST(AnsweredDrives, ThatWereNotAskedAreAsSysfsTellsAndThatIsSaidOnce) {
  Found found = drives({"nvme0", "nvme1", "nvme2"});
  add_answers_of_nvme_drives(HostAnswers("nobody was asked: neither listens"), found);
  EXPECT_EQ(found.components[0].version(), "GDC5602Q");
  EXPECT_EQ(found.components[0].source(), "sysfs");
  EXPECT_FALSE(found.components[0].tells_next());
  ASSERT_EQ(found.unreadable.size(), 1);
  EXPECT_EQ(found.unreadable[0].error(), "nobody was asked: neither listens (and 2 more)");
}

TEST(AnsweredDrives, SayInWordsWhatStandsAgainstAnAnswer) {
  const struct {
    Answer answer;
    std::string words;
  } cases[] = {
      {{"nvme0/identify", Outcome::kFailed, EACCES, "", ""}, "lets only root with CAP_SYS_ADMIN"},
      {{"nvme0/identify", Outcome::kFailed, EPERM, "", ""}, "lets only root with CAP_SYS_ADMIN"},
      {{"nvme0/identify", Outcome::kFailed, EIO, "", ""}, "could not be asked: Input/output error"},
      {{"nvme0/identify", Outcome::kTimedOut, 0, "", ""}, "did not answer in time"},
      {{"nvme0/identify", Outcome::kTooLong, 0, "", ""}, "said more than it was asked for"},
      {{"nvme0/identify", Outcome::kAbsent, ENOENT, "", ""}, "nobody to ask: No such file"},
      {answered("nvme0/identify", "short"), "not 4096"},
      {answered("nvme0/identify", kIdentity), "the installed program that asks does not know"},
  };
  for (const auto& [answer, words] : cases) {
    Found found = drives({"nvme0"});
    add_answers_of_nvme_drives(HostAnswers(std::vector{answer}), found);
    ASSERT_EQ(found.unreadable.size(), 1) << words;
    EXPECT_THAT(found.unreadable[0].error(), HasSubstr(words));
  }
}

Found controllers(const std::string& name) {
  Found found;
  v1::FirmwareComponent& controller = found.components.emplace_back();
  controller.set_name(name);
  // As sysfs writes it.
  controller.set_version("7.0");
  return found;
}

TEST(AnsweredControllers, HaveTheVersionAsTheirMakerWritesItAndTheirLog) {
  Found found = controllers("ipmi0");
  std::vector<v1::EventLog> logs;
  add_answers_of_management_controllers(
      HostAnswers(std::vector{answered("ipmi0/device-id", test::idrac_device_id()),
                              answered("ipmi0/event-log", test::event_log_info(973, true))}),
      found, logs);
  EXPECT_EQ(found.components[0].version(), "7.00.30.173");
  EXPECT_EQ(found.components[0].vendor(), "Dell");
  ASSERT_EQ(logs.size(), 1);
  EXPECT_EQ(logs[0].name(), "ipmi0");
  EXPECT_EQ(logs[0].percent_used(), 95u);
  EXPECT_TRUE(logs[0].lost_events());
  EXPECT_TRUE(found.unreadable.empty());
}

TEST(AnsweredControllers, ThatAreBusySaySoAndKeepWhatSysfsTells) {
  Found found = controllers("ipmi0");
  std::vector<v1::EventLog> logs;
  add_answers_of_management_controllers(
      HostAnswers(std::vector{answered("ipmi0/device-id", "\xc0")}), found, logs);
  EXPECT_EQ(found.components[0].version(), "7.0");
  EXPECT_TRUE(logs.empty());
  ASSERT_EQ(found.unreadable.size(), 1);
  EXPECT_THAT(found.unreadable[0].error(), HasSubstr("busy"));
}

// Without a driver for it there is nobody to ask, and nothing is missing that could be had.
TEST(AnsweredControllers, ThatOnlySmbiosTellsOfAreNotAsked) {
  Found found = controllers("");
  std::vector<v1::EventLog> logs;
  add_answers_of_management_controllers(HostAnswers("nobody was asked"), found, logs);
  EXPECT_TRUE(found.unreadable.empty());
}

}  // namespace
}  // namespace muster::firmware
