// Files of the outbox that are damaged, or that a crash left.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/agent/outbox_fixture.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(OutboxTest, RemovesWhatACrashLeft) {
  record("host", "a");
  for (const char* name : {"cursor.Xy129z", "00000000000000000002-host.version.aB3dE6"}) {
    std::ofstream(path() + "/" + name) << "half";
  }
  std::ofstream(path() + "/README.operator") << "not ours";
  reopen();
  EXPECT_THAT(files(),
              ElementsAre("00000000000000000001-host.version", "README.operator", "cursor"));
  EXPECT_EQ(outbox_->statistics().damaged, 0);
}

TEST_F(OutboxTest, KeepsAtMostSixteenDamagedFiles) {
  for (int i = 0; i < 20; ++i)
    record("host", std::to_string(i));
  for (const std::string& name : files()) {
    if (name != "cursor") std::ofstream(path() + "/" + name) << "damaged";
  }
  reopen();
  EXPECT_EQ(outbox_->statistics().damaged, 20);
  EXPECT_EQ(files().size(), kDamagedLimit + 1);
  EXPECT_THAT(waiting(), IsEmpty());
  record("host", "again");
  EXPECT_THAT(waiting(), ElementsAre("host 1 again"));
}

TEST_F(OutboxTest, AFileThatIsDamagedLaterIsSetAsideWhenItIsSent) {
  record("host", "a");
  record("host", "b");
  record("certificates", "x");
  const uint64_t epoch = outbox_->epoch();
  std::ofstream(path() + "/00000000000000000002-host.version") << "damaged";
  EXPECT_THAT(waiting(), ElementsAre("host 1 a", "certificates 1 x"));
  EXPECT_GT(outbox_->epoch(), epoch);
  EXPECT_EQ(outbox_->statistics().damaged, 1);
}

// Every byte of both kinds of file, changed and cut: the outbox opens, loses at most that file, and
// begins a new epoch so that no sequence can mean two things.
TEST_F(OutboxTest, SurvivesDamageAtEveryByte) {
  record("host", "a");
  record("certificates", "x");
  sync();
  record("host", "b");
  outbox_.reset();
  const std::string sound = directory_.path() + "/sound";
  fs::copy(path(), sound);
  const uint64_t epoch = [&] {
    reopen();
    return outbox_->epoch();
  }();
  for (const char* name : {"cursor", "00000000000000000003-host.version"}) {
    const auto size = static_cast<size_t>(fs::file_size(sound + "/" + std::string(name)));
    for (size_t at = 0; at < size; ++at) {
      for (const bool cut : {false, true}) {
        outbox_.reset();
        fs::remove_all(path());
        fs::copy(sound, path());
        const std::string file = path() + "/" + std::string(name);
        if (cut) {
          fs::resize_file(file, at);
        } else {
          std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
          stream.seekg(static_cast<std::streamoff>(at));
          const auto byte = static_cast<char>(stream.get() ^ 0x40);
          stream.seekp(static_cast<std::streamoff>(at));
          stream.put(byte);
        }
        reopen();
        ASSERT_EQ(outbox_->statistics().damaged, 1) << name << " at " << at;
        ASSERT_GT(outbox_->epoch(), epoch);
        const std::vector<std::string> expected =
            std::string(name) == "cursor" ? std::vector<std::string>{"certificates 1 x", "host 1 b"}
                                          : std::vector<std::string>{"certificates 1 x"};
        ASSERT_EQ(waiting(), expected) << name << " at " << at;
      }
    }
  }
}

}  // namespace
}  // namespace muster::agent
