// The probe tcp as an agent has it run: by muster-launcher, with the rules of root's agent.yml and
// the batch of whoever connected.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/log.h"
#include "muster/v1/tcp_facts.pb.h"
#include "tests/agent/sandbox/launched_agent.h"
#include "tests/agent/sandbox/loopback_port.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const ProbeRow& tcp() {
  return *std::find_if(all_probes().begin(), all_probes().end(),
                       [](const ProbeRow& row) { return row.name == "tcp"; });
}

class TargetLaunch : public ::testing::Test {
 protected:
  TargetLaunch() { ::chmod(directory_.path().c_str(), 0755); }

  // A line for each target of the batch, and one for why the run failed, where it did. `settings`:
  // what agent.yml says.
  std::string look(Starter starter, const std::string& settings,
                   const std::vector<std::string>& addresses,
                   const std::vector<std::string>& arguments = {}) {
    const std::string config =
        directory_.write("agent.yml", "collectors: ['localhost:1']\n" + settings);
    const std::string probes = MUSTER_BUILD_DIRECTORY "/libexec/muster/probes";
    return in_a_process_of(starter, [&] {
      set_log_level(LogLevel::kError);
      LaunchedAgent agent(start_real_launcher(probes, config, arguments), probes);
      v1::TargetBatch batch;
      for (const std::string& address : addresses) {
        v1::TargetLook& look = *batch.add_looks();
        look.set_entity(address);
        look.set_address(address);
        look.set_timeout_milliseconds(10'000);
      }
      std::vector<std::string> lines;
      std::optional<std::string> ended;
      agent.runner.look_at(
          tcp(), tcp().timeout, batch,
          [&lines](const v1::Section& section) {
            v1::TcpFacts facts;
            facts.ParseFromString(section.facts());
            lines.push_back(section.entity() + " " + section.reason() +
                            (facts.answer() == v1::TCP_ANSWER_CONNECTED ? "connected" : ""));
          },
          [&ended](const std::string& why) { ended = why; });
      agent.run_until([&ended] { return ended.has_value(); });
      std::sort(lines.begin(), lines.end());
      lines.push_back(ended.value_or("it never ended"));
      return fmt::format("{}", fmt::join(lines, "\n"));
    });
  }

  test::TemporaryDirectory directory_;
  const LoopbackPort port_{16};
  const std::string allowed_ = fmt::format("127.0.0.1:{}", port_.number);
  const std::string other_ = fmt::format("localhost:{}", port_.number);
  const std::string own_ =
      fmt::format("targets: {{own: [{{name: a, kind: tcp, address: '{}'}}]}}\n", allowed_);
};

TEST_F(TargetLaunch, LooksWhereRootsConfigurationSaysWhateverIsInTheBatch) {
  for (const Starter starter : starters()) {
    EXPECT_THAT(look(starter, own_, {allowed_, other_}),
                ::testing::MatchesRegex(allowed_ + " connected\n" + other_ +
                                        " [^\n]*targets.allow[^\n]*\n"))
        << name_of(starter);
    EXPECT_THAT(look(starter, "", {allowed_}),
                ::testing::MatchesRegex(allowed_ + " [^\n]*targets.allow[^\n]*\n"));
  }
}

TEST_F(TargetLaunch, LooksAnywhereWhereWhoeverStartsTheLauncherSaysSo) {
  EXPECT_EQ(look(starters().front(), "", {allowed_, other_}, {"--any-target"}),
            allowed_ + " connected\n" + other_ + " connected\n");
}

TEST_F(TargetLaunch, LooksAtNothingWhereTheProbeIsSwitchedOff) {
  EXPECT_THAT(look(starters().front(), own_ + "probes: {tcp: {enabled: false}}\n", {allowed_}),
              HasSubstr("switches it off"));
}

}  // namespace
}  // namespace muster::agent
