// Whether a probe that names its inputs is run again: counted by what its program leaves on stderr.
#include "agent/looking/looks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/launcher/launcher_protocol.h"
#include "agent/looking/probe_list.h"
#include "tests/agent/forked_launcher.h"
#include "tests/common/fake_clock.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

class LooksTest : public ::testing::Test {
 protected:
  LooksTest() {
    for (const ProbeRow& row : all_probes()) {
      config_.probes.push_back({.enabled = row.name == "packages-apt",
                                .interval = 10ms,
                                .timeout = 60s,
                                .settings = {}});
    }
    write_probe(v1::OUTCOME_OBSERVED);
  }

  void write_probe(v1::Outcome outcome, const std::string& name = "packages-apt") {
    v1::Section section;
    section.set_probe(name);
    section.set_outcome(outcome);
    if (outcome == v1::OUTCOME_OBSERVED) {
      section.set_facts_type("muster.v1.PackageFacts");
    } else {
      section.set_reason("not now");
    }
    const std::string bytes = section.SerializeAsString();
    const std::string file =
        directory_.write("section-of-" + name, static_cast<char>(bytes.size()) + bytes);
    directory_.write("muster-probe-" + name, "#!/bin/sh\ncat " + file + "\n", 0755);
  }

  // Looks this many times, in whichever way.
  void look(uint64_t times) {
    const uint64_t until = looks() + times;
    while (looks() < until) {
      context_.restart();
      context_.run_for(5ms);
    }
  }
  LookCounts counts() const { return runner_.counts_of("packages-apt"); }
  uint64_t looks() const { return counts().runs + counts().confirmed; }

  test::TemporaryDirectory directory_;
  boost::asio::io_context context_{1};
  test::FakeClock clock_;
  Config config_;
  bool held_ = true;
  // What was taken, and what was to be given, in order.
  std::vector<std::string> taken_;
  // Of each of these, as it was taken.
  std::vector<bool> all_had_looked_;
  std::vector<std::string> given_;
  Launcher launcher_{context_,
                     {.connect = test::forked_launcher(all_probes(), directory_.path()),
                      .table = table_digest(all_probes())}};
  ProbeRunner runner_{launcher_, clock_, directory_.path()};
  Looks looks_{context_,
               runner_,
               clock_,
               [] { return 0.5; },
               {.taken =
                    [this](const v1::Section& section) {
                      taken_.push_back(section.probe());
                      all_had_looked_.push_back(looks_.all_have_looked());
                    },
                .confirmed = [this](std::string_view, TimePoint) { return held_; },
                .held = [this](std::string_view probe) -> std::optional<v1::Section> {
                  given_.emplace_back(probe);
                  return std::nullopt;
                }}};
};

TEST_F(LooksTest, UnchangedInputsAreConfirmedWithoutARun) {
  looks_.start(config_);
  look(4);
  EXPECT_EQ(counts().runs, 1);
  EXPECT_EQ(counts().confirmed, 3);
}

TEST_F(LooksTest, AProbeThatLooksAtTargetsIsNoneOfTheirs) {
  for (size_t i = 0; i < all_probes().size(); ++i) {
    if (looks_at_targets(all_probes()[i])) config_.probes[i].enabled = true;
  }
  looks_.start(config_);
  look(4);
  EXPECT_TRUE(looks_.all_have_looked());
  EXPECT_EQ(runner_.counts_of("tcp").runs, 0);
  for (const v1::ProbeStatus& status : looks_.status())
    EXPECT_NE(status.name(), "tcp");
}

TEST_F(LooksTest, WhatIsGivenSectionsLooksAfterThoseThatMakeThem) {
  for (size_t i = 0; i < all_probes().size(); ++i) {
    const std::string name(all_probes()[i].name);
    config_.probes[i].enabled = name == "sockets" || name == "listeners";
    if (config_.probes[i].enabled) write_probe(v1::OUTCOME_OBSERVED, name);
  }
  looks_.start(config_);
  while (runner_.counts_of("listeners").runs < 2) {
    context_.restart();
    context_.run_for(5ms);
  }
  ASSERT_GE(taken_.size(), 3U);
  EXPECT_EQ(taken_[0], "sockets");
  // The first report does not wait for what dials.
  EXPECT_TRUE(all_had_looked_[0]);
  // Nothing of a probe that has not looked, nor of its own before its first look.
  ASSERT_GE(given_.size(), 3U);
  EXPECT_EQ(given_[0], "sockets");
  EXPECT_EQ(given_[1], "sockets");
  EXPECT_EQ(given_[2], "listeners");
}

TEST_F(LooksTest, AnotherProgramMeansARun) {
  looks_.start(config_);
  look(2);
  write_probe(v1::OUTCOME_OBSERVED);
  look(2);
  EXPECT_EQ(counts().runs, 2);
}

TEST_F(LooksTest, AfterADayItRunsWhateverAStatSays) {
  looks_.start(config_);
  look(2);
  clock_.advance(kConfirmedFor);
  look(1);
  EXPECT_EQ(counts().runs, 2);
}

TEST_F(LooksTest, AClockSetBackMeansARun) {
  looks_.start(config_);
  look(2);
  clock_.advance(-1s);
  look(1);
  EXPECT_EQ(counts().runs, 2);
}

TEST_F(LooksTest, AFailureIsNeverConfirmed) {
  write_probe(v1::OUTCOME_FAILED);
  looks_.start(config_);
  look(3);
  EXPECT_EQ(counts().runs, 3);
}

TEST_F(LooksTest, ThatItDoesNotApplyIsConfirmedLikeWhatWasSeen) {
  write_probe(v1::OUTCOME_NOT_APPLICABLE);
  looks_.start(config_);
  look(3);
  EXPECT_EQ(counts().runs, 1);
  // What was seen and what does not apply are told apart by a run.
  write_probe(v1::OUTCOME_OBSERVED);
  look(2);
  EXPECT_EQ(counts().runs, 2);
}

TEST_F(LooksTest, WhatIsNotHeldAnyMoreMeansARun) {
  looks_.start(config_);
  look(2);
  held_ = false;
  look(2);
  EXPECT_EQ(counts().runs, 3);
}

TEST_F(LooksTest, OtherSettingsWhileItLooksMeanAnotherRun) {
  const std::string started = directory_.path() + "/started";
  const std::string go_on = directory_.path() + "/go-on";
  directory_.write("muster-probe-packages-apt",
                   fmt::format("#!/bin/sh\nmkdir -p {0}; until test -d {1}; do sleep 0.01; done\n"
                               "cat {2}/section-of-packages-apt\n",
                               started, go_on, directory_.path()),
                   0755);
  looks_.start(config_);
  while (!std::filesystem::exists(started)) {
    context_.restart();
    context_.run_for(5ms);
  }
  looks_.start(config_);
  std::filesystem::create_directory(go_on);
  look(3);
  EXPECT_EQ(counts().runs, 2);
}

TEST_F(LooksTest, OtherSettingsMeanARun) {
  looks_.start(config_);
  look(2);
  looks_.start(config_);
  look(1);
  EXPECT_EQ(counts().runs, 2);
}

}  // namespace
}  // namespace muster::agent
