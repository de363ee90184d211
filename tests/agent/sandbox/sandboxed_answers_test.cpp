// A probe that is told what the host answers has that on one descriptor, and no way to who asks.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "agent/launcher/look_result.h"
#include "agent/sandbox/host_answers_source.h"
#include "muster/v1/probe.pb.h"
#include "tests/agent/sandbox/hostile_look.h"
#include "tests/agent/sandbox/sandboxed_program.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class SandboxedAnswers : public ::testing::Test {
 protected:
  SandboxedAnswers() {
    ::chmod(directory_.path().c_str(), 0777);
    programs_ = directory_.path();
    directory_.write("muster-answers",
                     "#!/bin/sh\necho \"$@\" >" + directory_.file("asked") + "\nid -u >>" +
                         directory_.file("asked") + "\necho answers\n",
                     0755);
  }

  std::string outcome_of(const std::string& act, const std::string& what, Starter starter,
                         char answers, Duration timeout = 20s) {
    std::filesystem::remove(directory_.file("asked"));
    v1::ProbeRequest message;
    message.set_root("/");
    v1::ProbeSetting& setting = *message.add_settings();
    setting.set_name("paths");
    setting.add_values("/try/" + act);
    setting.add_values(what);
    LaunchRequest request;
    request.program = kHostileProgram;
    request.timeout = timeout;
    SandboxPlan plan =
        plan_of({.answers = answers, .memory = uint64_t{256} << 20}, kHostileProgram);
    plan.answering_programs = programs_;
    const SandboxedRun run = run_sandboxed(plan, starter, message.SerializeAsString(), request);
    const v1::Section section = section_of(certificates(), request, run.result, TimePoint());
    return section.outcome() == v1::OUTCOME_OBSERVED ? "did it" : section.reason();
  }

  test::TemporaryDirectory directory_;
  std::string programs_;
};

bool is_zombie(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  return stat.empty() || stat.find(") Z ") != std::string::npos;
}

const std::string number = std::to_string(kAnswersDescriptor);

TEST_F(SandboxedAnswers, AreOnADescriptorOfTheProbeThatDeclaresThem) {
  for (const Starter starter : starters()) {
    EXPECT_EQ(outcome_of("read-descriptor", number, starter, 'i'), "did it") << name_of(starter);
    EXPECT_THAT(directory_.read("asked"), HasSubstr("intrusion-detection\n"));
    EXPECT_EQ(outcome_of("read-descriptor", number, starter, 'a'), "did it") << name_of(starter);
    EXPECT_THAT(directory_.read("asked"), HasSubstr("antivirus\n"));
  }
}

TEST_F(SandboxedAnswers, AreNotThereForAnotherProbeAndNobodyIsAsked) {
  for (const Starter starter : starters()) {
    EXPECT_THAT(outcome_of("read-descriptor", number, starter, '\0'),
                HasSubstr("read was refused: Bad file descriptor"));
    EXPECT_EQ(directory_.read("asked"), "");
  }
}

TEST_F(SandboxedAnswers, AreOnlyToBeReadAndLeadNobodyToWhoAsks) {
  for (const Starter starter : starters()) {
    EXPECT_THAT(outcome_of("write-descriptor", number, starter, 'a'),
                HasSubstr("write was refused: Bad file descriptor"));
    EXPECT_THAT(outcome_of("abstract-socket", "x", starter, 'a'), HasSubstr("its sandbox forbids"));
  }
}

// Who asks is in the probe's group, and ends with it.
TEST_F(SandboxedAnswers, ThatDoNotComeEndWithTheTimeOfTheProbe) {
  directory_.write("muster-answers",
                   "#!/bin/sh\necho $$ >" + directory_.file("asked") + "\nexec sleep 3600\n", 0755);
  for (const Starter starter : starters()) {
    EXPECT_THAT(outcome_of("read-descriptor", number, starter, 'a', 2s),
                HasSubstr("was killed after 2 s"));
    const int asked = std::atoi(directory_.read("asked").c_str());
    ASSERT_GT(asked, 1);
    // The test's own limit holds it.
    while (::kill(asked, 0) == 0 && !is_zombie(asked))
      ::usleep(1000);
  }
}

// The probe is told so by what is empty, and starts nobody itself.
TEST_F(SandboxedAnswers, AreEmptyWhereThereIsNobodyToAsk) {
  programs_ = directory_.file("none");
  for (const Starter starter : starters()) {
    EXPECT_THAT(outcome_of("read-descriptor", number, starter, 'a'),
                HasSubstr("read was refused: Success"));
  }
}

}  // namespace
}  // namespace muster::agent
