#include "agent/probes/hardware/health/disk_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "agent/probes/hardware/health/solid_state.h"
#include "tests/agent/probes/firmware/device_replies.h"
#include "tests/agent/probes/hardware/hardware_replies.h"
#include "tests/agent/probes/test_root.h"

namespace muster::hardware {
namespace {

using answers::Answer;
using answers::Outcome;
using test::answered;
using test::nvme_health;
using test::refused;
using test::smart_status;
using test::solid_state;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

FoundDisk disk_of(const std::string& name,
                  v1::DiskTransport transport = v1::DISK_TRANSPORT_UNSPECIFIED) {
  FoundDisk found;
  found.disk.set_name(name);
  found.disk.set_transport(transport);
  found.asked_as = name;
  return found;
}

class DiskHealthTest : public ::testing::Test {
 protected:
  v1::Disk ask(const std::string& name, std::vector<Answer> answers) {
    return ask_all({disk_of(name)}, probe::HostAnswers(std::move(answers))).front().disk;
  }
  std::vector<FoundDisk> ask_all(std::vector<FoundDisk> disks, const probe::HostAnswers& answers) {
    unreadable_.clear();
    MachineFiles files(root_.path(), unreadable_);
    add_health(answers, disks, files);
    return disks;
  }

  test::TestRoot root_;
  std::vector<v1::UnreadableSource> unreadable_;
};

TEST(SolidState, IsReadWhereItIsSupportedAndValid) {
  const auto used = parse_percent_used(solid_state(97));
  ASSERT_TRUE(used.ok());
  EXPECT_EQ(*used, 97);
  EXPECT_EQ(*parse_percent_used(solid_state(255)), 255);
  for (const uint8_t flags : {0x00, 0x40, 0x80, 0x3f}) {
    const auto untold = parse_percent_used(solid_state(97, flags));
    ASSERT_TRUE(untold.ok());
    EXPECT_FALSE(*untold) << int{flags};
  }
}

TEST(SolidState, RefusesAnotherPage) {
  EXPECT_FALSE(parse_percent_used(std::string(512, '\0')).ok());
  EXPECT_FALSE(parse_percent_used(solid_state(1).substr(0, 511)).ok());
  EXPECT_FALSE(parse_percent_used(solid_state(1) + "x").ok());
  EXPECT_FALSE(parse_percent_used("").ok());
}

TEST_F(DiskHealthTest, OfNvmeIsItsLog) {
  const v1::DiskHealth health =
      ask("nvme0", {answered("nvme0/health", nvme_health(0x05, 4, 10, 103, 17))}).health();
  EXPECT_TRUE(health.predicts_failure());
  EXPECT_THAT(health.warnings(),
              ElementsAre("few spare blocks are left", HasSubstr("less reliable")));
  EXPECT_EQ(health.percent_used(), 103);
  EXPECT_TRUE(health.spare_low());
  EXPECT_EQ(health.media_errors(), 17);
  EXPECT_TRUE(unreadable_.empty());
}

TEST_F(DiskHealthTest, OfNvmeThatIsHotIsWell) {
  const v1::DiskHealth health =
      ask("nvme0", {answered("nvme0/health", nvme_health(0x02, 100, 10, 0, 0))}).health();
  EXPECT_TRUE(health.has_predicts_failure());
  EXPECT_FALSE(health.predicts_failure());
  EXPECT_EQ(health.warnings_size(), 0);
}

TEST_F(DiskHealthTest, OfNvmeWithoutSenseForSpareDoesNotTellIt) {
  const v1::DiskHealth health =
      ask("nvme0", {answered("nvme0/health", nvme_health(0, 101, 10, 0, 0))}).health();
  EXPECT_FALSE(health.has_spare_low());
}

TEST_F(DiskHealthTest, OfAtaIsItsStatusAndItsWear) {
  const v1::Disk well = ask("sda", {smart_status("sda/smart-status", false),
                                    answered("sda/solid-state", solid_state(12))});
  EXPECT_TRUE(well.health().has_predicts_failure());
  EXPECT_FALSE(well.health().predicts_failure());
  EXPECT_EQ(well.health().percent_used(), 12);
  const v1::Disk failing = ask("sda", {smart_status("sda/smart-status", true)});
  EXPECT_TRUE(failing.health().predicts_failure());
  EXPECT_FALSE(failing.health().has_percent_used());
  EXPECT_TRUE(unreadable_.empty());
}

TEST_F(DiskHealthTest, OfAtaWithoutSmartIsNotTold) {
  // Aborted: the error bit of its status, and the command's own (ACS-3 7.48.8).
  std::string sense("\x72\x0b\x00\x00\x00\x00\x00\x0e\x09\x0c\x00\x04", 12);
  sense += std::string("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x51", 10);
  EXPECT_FALSE(
      ask("sda", {Answer{"sda/smart-status", Outcome::kAnswered, 2, "", sense}}).has_health());
  EXPECT_TRUE(unreadable_.empty());
}

TEST_F(DiskHealthTest, OfScsiIsWhatItWarnsOf) {
  const auto page = [](const char* code) {
    return std::string("\x2f\x00\x00\x08\x00\x00\x03\x04", 8) + std::string(code, 2) +
           std::string("\x29\x00", 2);
  };
  const v1::Disk well = ask("sda", {answered("sda/warnings", page("\x00\x00"))});
  EXPECT_TRUE(well.health().has_predicts_failure());
  EXPECT_FALSE(well.health().predicts_failure());
  EXPECT_EQ(well.health().warnings_size(), 0);
  const v1::Disk failing = ask("sda", {answered("sda/warnings", page("\x5d\x00"))});
  EXPECT_TRUE(failing.health().predicts_failure());
  EXPECT_EQ(failing.health().warnings_size(), 1);
}

TEST_F(DiskHealthTest, OfOneThatHasNoSuchPageIsNotToldAndNotNoted) {
  EXPECT_FALSE(
      ask("sda", {refused("sda/warnings", "\x72\x05\x24\x00\x00\x00\x00\x00")}).has_health());
  EXPECT_TRUE(unreadable_.empty());
}

TEST_F(DiskHealthTest, OfOneThatDoesNotAnswerIsNoted) {
  const std::pair<Answer, const char*> cases[] = {
      {{"sda/warnings", Outcome::kTimedOut, 0, "", ""}, "did not answer in time"},
      {{"sda/warnings", Outcome::kFailed, EPERM, "", ""}, "CAP_SYS_RAWIO"},
      // A hardware error is no answer about its health.
      {refused("sda/warnings", "\x72\x04\x44\x00\x00\x00\x00\x00"), "refused with status 0x2"},
      {answered("sda/warnings", "x"), "cut off"},
      {{"sda/smart-status", Outcome::kAbsent, EAGAIN, "", ""}, "has stopped to save power"},
      {{"sda/smart-status", Outcome::kAnswered, 0, "", ""}, "sense data"},
  };
  for (const auto& [answer, words] : cases) {
    EXPECT_FALSE(ask("sda", {answer}).has_health()) << words;
    ASSERT_EQ(unreadable_.size(), 1) << words;
    EXPECT_EQ(unreadable_[0].path(), "/dev/sda");
    EXPECT_THAT(unreadable_[0].error(), HasSubstr(words));
  }
}

TEST_F(DiskHealthTest, OfDisksThatNobodyAskedIsNotedOnce) {
  const auto disks = ask_all({disk_of("nvme0"), disk_of("sda"), disk_of("sdb"),
                              disk_of("sdc", v1::DISK_TRANSPORT_VIRTUAL)},
                             probe::HostAnswers("nobody was asked: no such program"));
  for (const FoundDisk& each : disks)
    EXPECT_FALSE(each.disk.has_health());
  ASSERT_EQ(unreadable_.size(), 1);
  EXPECT_EQ(unreadable_[0].error(), "nobody was asked: no such program (and 2 more)");
}

}  // namespace
}  // namespace muster::hardware
