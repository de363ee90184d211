// Of what is no such device an error is told, as the kernel names it. What real ones answer:
// tests/integration/machine.
#include "agent/device_answers/ask_device.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "agent/device_answers/device_tasks.h"
#include "tests/common/temporary_directory.h"

namespace muster::answers {
namespace {

constexpr std::array<uint8_t, 6> kInquiry{0x12, 0, 0, 0, 36, 0};

std::vector<Ending> ask_all_kinds(const std::string& path) {
  return {ask_nvme(path, {0x06, 1, 4096}), ask_scsi(path, kInquiry, 36),
          ask_ata(path, kInquiry, 36), ask_ipmi(path, 0x06, 0x01), ask_mapping(path, "root")};
}

TEST(ADevice, ThatIsNotThereIsSaidToBe) {
  for (const Ending& ending : ask_all_kinds("/dev/none")) {
    EXPECT_EQ(ending.outcome, Outcome::kFailed);
    EXPECT_EQ(ending.status, ENOENT);
  }
}

TEST(ADevice, OfAnotherKindRefuses) {
  for (const Ending& ending : ask_all_kinds("/dev/null")) {
    EXPECT_EQ(ending.outcome, Outcome::kFailed);
    EXPECT_EQ(ending.status, ENOTTY);
  }
}

// What stands at its name and leads elsewhere is not followed.
TEST(ADevice, ThatIsALinkIsNotOpened) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("nvme0");
  ASSERT_EQ(::symlink("/dev/null", path.c_str()), 0);
  for (const Ending& ending : ask_all_kinds(path)) {
    EXPECT_EQ(ending.outcome, Outcome::kFailed);
    EXPECT_EQ(ending.status, ELOOP);
  }
}

TEST(AnInterface, ThatIsNotThereIsSaidToBe) {
  EXPECT_EQ(ask_driver("none0").status, ENODEV);
}

// One that does not answer keeps none of the others from it.
TEST(ADevice, ThatHangsIsLeftAloneAfterItsTime) {
  agent::SystemCalls calls;
  std::vector<Task> tasks;
  tasks.push_back({.name = "nvme0/identify",
                   .stays_root = true,
                   .ask =
                       [](uid_t) {
                         ::pause();
                         return Ending{};
                       },
                   .time = std::chrono::seconds(1)});
  tasks.push_back({.name = "nvme1/identify", .stays_root = true, .ask = [](uid_t) {
                     say("here", 4);
                     return Ending{};
                   }});
  const std::vector<Answer> answers = run_tasks(tasks, {}, calls);
  ASSERT_EQ(answers.size(), 2);
  EXPECT_EQ(answers[0].outcome, Outcome::kTimedOut);
  EXPECT_EQ(answers[1].outcome, Outcome::kAnswered);
  EXPECT_EQ(answers[1].text, "here");
}

}  // namespace
}  // namespace muster::answers
