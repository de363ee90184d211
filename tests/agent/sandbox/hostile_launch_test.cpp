// A probe that has been taken over, in the place of a real one and started as real ones are: by
// muster-launcher, from its configuration. What each mechanism refuses is shown in
// hostile_probe_test.cpp; this shows that they are all on, and what the agent makes of it.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>

#include "agent/launcher/launcher.h"
#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher/probe_runner.h"
#include "agent/looking/probe_list.h"
#include "common/clock.h"
#include "common/log.h"
#include "tests/agent/sandbox/sandboxed_program.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr size_t kCertificates = 2;

// What a child process found, as text: sections go through a pipe.
template <typename Work>
std::string in_a_process_of(Starter starter, const Work& work) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    constexpr uid_t kSomebody = 64322;
    if (starter == Starter::kSomebody && ::geteuid() == 0 &&
        (::setgroups(0, nullptr) != 0 || ::setresgid(kSomebody, kSomebody, kSomebody) != 0 ||
         ::setresuid(kSomebody, kSomebody, kSomebody) != 0)) {
      ::_exit(1);
    }
    const std::string text = work();
    ::_exit(::write(ends[1], text.data(), text.size()) < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> block{};
  for (ssize_t count = 0; (count = ::read(ends[0], block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<size_t>(count));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "the process of the test itself ended badly";
  return text;
}

class HostileLaunch : public ::testing::Test {
 protected:
  HostileLaunch() {
    ::chmod(directory_.path().c_str(), 0755);
    std::filesystem::copy_file(MUSTER_BUILD_DIRECTORY "/tests/hostile_probe",
                               directory_.path() + "/muster-probe-certificates");
  }

  // The agent's end of a launcher, in the process that calls this.
  struct Agent {
    explicit Agent(const HostileLaunch& test)
        : launcher(context, {.connect = test.connection(), .table = table_digest(all_probes())}),
          runner(launcher, clock, test.directory_.path()) {}

    template <typename Condition>
    void run_until(const Condition& condition) {
      const auto deadline = std::chrono::steady_clock::now() + 60s;
      while (!condition() && std::chrono::steady_clock::now() < deadline) {
        context.restart();
        context.run_one_for(1s);
      }
    }

    boost::asio::io_context context;
    SystemClock clock;
    Launcher launcher;
    ProbeRunner runner;
  };

  ConnectLauncher connection() const {
    absl::StatusOr<LauncherStarter> starter = LauncherStarter::open(
        MUSTER_BUILD_DIRECTORY "/libexec/muster/muster-launcher",
        {"--probes", directory_.path(), "--config", directory_.file("agent.yml"), "--user", "64321",
         "--agent-program", MUSTER_BUILD_DIRECTORY "/bin/muster-agent", "--quiet"});
    if (!starter.ok()) return [status = starter.status()] { return status; };
    auto shared = std::make_shared<LauncherStarter>(*std::move(starter));
    return [shared] { return shared->start(); };
  }

  std::string reason_of(const std::string& act, const std::string& what, Starter starter,
                        Duration timeout = 20s) {
    directory_.write("agent.yml",
                     fmt::format("collectors: ['localhost:1']\n"
                                 "probes: {{certificates: {{paths: ['/try/{}'{}]}}}}\n",
                                 act, what.empty() ? "" : ", '" + what + "'"));
    return in_a_process_of(starter, [&] {
      set_log_level(LogLevel::kError);
      Agent agent(*this);
      std::optional<v1::Section> given;
      agent.runner.look(all_probes()[kCertificates], timeout,
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
      {"read-passwd", "", "open was refused: Permission denied"},
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
      Agent agent(*this);
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
