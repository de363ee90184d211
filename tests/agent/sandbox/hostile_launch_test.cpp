// A probe that has been taken over, in the place of a real one and started as real ones are: by
// muster-launcher, from its configuration. What each mechanism refuses is shown in
// hostile_probe_test.cpp; this shows that they are all on, and what the agent makes of it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "common/log.h"
#include "tests/agent/sandbox/launched_agent.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// In whose place the hostile program is.
const ProbeRow& certificates() {
  return *std::find_if(all_probes().begin(), all_probes().end(),
                       [](const ProbeRow& row) { return row.name == "certificates"; });
}

class HostileLaunch : public ::testing::Test {
 protected:
  HostileLaunch() {
    ::chmod(directory_.path().c_str(), 0755);
    std::filesystem::copy_file(MUSTER_BUILD_DIRECTORY "/tests/hostile_probe",
                               directory_.path() + "/muster-probe-certificates");
  }

  ConnectLauncher connection() const {
    return start_real_launcher(directory_.path(), directory_.file("agent.yml"));
  }

  std::string reason_of(const std::string& act, const std::string& what, Starter starter,
                        Duration timeout = 20s) {
    directory_.write("agent.yml",
                     fmt::format("collectors: ['localhost:1']\n"
                                 "probes: {{certificates: {{paths: ['/try/{}'{}]}}}}\n",
                                 act, what.empty() ? "" : ", '" + what + "'"));
    return in_a_process_of(starter, [&] {
      set_log_level(LogLevel::kError);
      LaunchedAgent agent(connection(), directory_.path());
      std::optional<v1::Section> given;
      agent.runner.look(certificates(), timeout,
                        [&given](v1::Section section) { given = std::move(section); });
      agent.run_until([&given] { return given.has_value(); });
      if (!given) return std::string("nothing came of it");
      return given->outcome() == v1::OUTCOME_OBSERVED ? "did it" : given->reason();
    });
  }

  test::TemporaryDirectory directory_;
};

TEST_F(HostileLaunch, IsRefusedAndBoundedAndTheSectionSaysHow) {
  const std::string self = std::to_string(::getpid());
  const std::string killed = "made a system call that its sandbox forbids and was ended by SIGSYS";
  const struct {
    const char* act;
    std::string what;
    std::string reason;
  } tries[] = {
      {"connect", "/1", killed},
      {"datagram", "", killed},
      {"netlink", "", killed},
      {"abstract-socket", "/x", killed},
      {"execute-shell", "", killed},
      {"execute-shell-by-descriptor", "", killed},
      {"spawn-shell", "", killed},
      {"fork-bomb", "", killed},
      {"leave", "", killed},
      {"threads", "", killed},
      {"trace", "/" + self, killed},
      {"signal", "/" + self, killed},
      {"become-root", "", killed},
      {"take-capabilities", "", killed},
      {"unshare-user", "", killed},
      {"ring", "", killed},
      {"bpf", "", killed},
      {"make-file", "/tmp/muster-hostile", "open was refused: Read-only file system"},
      {"make-file", "/dev/shm/muster-hostile", "open was refused: Read-only file system"},
      {"append-to-itself", "", "open was refused: Read-only file system"},
      {"read-hosts", "", "open was refused: Permission denied"},
      {"memory", "", "mmap was refused: Cannot allocate memory"},
      {"output", "", "wrote more than 4 MiB and was killed"},
  };
  for (const Starter starter : starters()) {
    for (const auto& attempt : tries) {
      EXPECT_THAT(reason_of(attempt.act, attempt.what, starter), HasSubstr(attempt.reason))
          << attempt.act << ", " << name_of(starter);
    }
  }
}

TEST_F(HostileLaunch, IsEndedWhenItHangsOrSpins) {
  for (const Starter starter : starters()) {
    EXPECT_EQ(reason_of("hang", "", starter, 500ms),
              "muster-probe-certificates was killed after 500 ms");
    EXPECT_EQ(reason_of("spin", "", starter, 1s), "muster-probe-certificates was killed after 1 s");
  }
}

TEST_F(HostileLaunch, TheLauncherSaysWhatItCanNotDoWithoutRoot) {
  directory_.write("agent.yml", "collectors: ['localhost:1']\n");
  for (const Starter starter : starters()) {
    const std::string missing = in_a_process_of(starter, [&] {
      LaunchedAgent agent(connection(), directory_.path());
      agent.launcher.start();
      agent.run_until([&agent] { return agent.launcher.facts().has_value(); });
      if (!agent.launcher.facts()) return std::string("no hello");
      std::string names;
      for (const LauncherFacts::Gap& gap : agent.launcher.facts()->missing)
        names += gap.mechanism + " ";
      return names;
    });
    EXPECT_EQ(missing, starter == Starter::kRoot ? "" : "user capabilities ") << name_of(starter);
  }
}

}  // namespace
}  // namespace muster::agent
