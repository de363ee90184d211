#include "agent/probes/protection/running_programs.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/agent/probes/protection/product_world.h"

namespace muster::protection {
namespace {

class RunningPrograms : public testing::Test {
 protected:
  RunningEvidence look(std::string_view program, const std::vector<uint32_t>& users = {}) {
    const probe::HostAnswers answers =
        table_ ? probe::HostAnswers({{.name = "processes",
                                      .outcome = answers::Outcome::kAnswered,
                                      .text = *table_,
                                      .error_text = {}}})
               : probe::HostAnswers("nobody was asked: an image at rest answers nothing");
    return is_running({.root = root_.path(),
                       .answers = answers,
                       .now = test::ProductWorld::now(),
                       .problems = problems_},
                      {"x.service"}, program, users);
  }

  const muster::test::TestRoot root_;
  std::optional<std::string> table_;
  std::vector<std::string> problems_;
};

TEST_F(RunningPrograms, CountWhereRootOrTheProductsUserStartedThem) {
  table_ = "1 0 systemd\n700 0 clamonacc\n701 103 freshclam\n702 1000 clamd\n";
  EXPECT_EQ(look("clamonacc").runs, true);
  EXPECT_EQ(look("freshclam", {103}).runs, true);
  EXPECT_EQ(look("freshclam").runs, false);
  EXPECT_EQ(look("clamd", {103}).runs, false) << "a user gave a program of his that name";
  EXPECT_EQ(look("clamd").reason, "there is no process clamd");
}

TEST_F(RunningPrograms, AreKnownByTheNameThatTheKernelCuts) {
  table_ = "7 0 wdavdaemon_ente\n";
  EXPECT_EQ(look("wdavdaemon_enterprise").runs, true);
}

TEST_F(RunningPrograms, AreUnknownWhereNobodyWasAsked) {
  const RunningEvidence evidence = look("clamd");
  EXPECT_FALSE(evidence.runs.has_value());
  EXPECT_EQ(evidence.reason,
            "whether clamd runs: nobody was asked: an image at rest answers nothing");
}

TEST(HostProcesses, AreParsedLineByLine) {
  const auto processes = parse_processes("1 0 systemd\nx 0 a\n2 -1 b\n3 4\n5 6 two words\n7 8 end");
  ASSERT_EQ(processes.size(), 3);
  EXPECT_EQ(processes[1].program, "two words");
  EXPECT_EQ(processes[1].id, 5);
  EXPECT_EQ(processes[1].user, 6);
  EXPECT_EQ(processes[2].program, "end");
}

TEST(HostUsers, HaveTheNumberThatPasswdSays) {
  const muster::test::TestRoot root;
  EXPECT_FALSE(user_number(root.path(), "clamav"));
  root.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nbad\nclamav:x:103:106::/:/bin/false\n");
  EXPECT_EQ(user_number(root.path(), "clamav"), 103);
  EXPECT_EQ(user_number(root.path(), "root"), 0);
  EXPECT_FALSE(user_number(root.path(), "clam"));
  EXPECT_FALSE(user_number(root.path(), ""));
}

}  // namespace
}  // namespace muster::protection
