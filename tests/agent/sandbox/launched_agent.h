// An agent's end of a real launcher with real probes, in a process of its own: what the tests of
// whole launches share.
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/launcher/launcher.h"
#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher/probe_runner.h"
#include "agent/looking/probe_list.h"
#include "common/clock.h"
#include "tests/agent/sandbox/sandboxed_program.h"

namespace muster::agent {

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

// A launcher of its own for each connection, with the probes of a directory and this agent.yml.
inline ConnectLauncher start_real_launcher(const std::string& probes, const std::string& config,
                                           const std::vector<std::string>& more_arguments = {}) {
  std::vector<std::string> arguments{
      "--probes", probes,  "--config",        config,
      "--user",   "64321", "--agent-program", MUSTER_BUILD_DIRECTORY "/bin/muster-agent",
      "--quiet"};
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  absl::StatusOr<LauncherStarter> starter = LauncherStarter::open(
      MUSTER_BUILD_DIRECTORY "/libexec/muster/muster-launcher", std::move(arguments));
  if (!starter.ok()) return [status = starter.status()] { return status; };
  auto shared = std::make_shared<LauncherStarter>(*std::move(starter));
  return [shared] { return shared->start(); };
}

struct LaunchedAgent {
  LaunchedAgent(const ConnectLauncher& connect, const std::string& probes)
      : launcher(context, {.connect = connect, .table = table_digest(all_probes())}),
        runner(launcher, clock, probes) {}

  template <typename Condition>
  void run_until(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      context.restart();
      context.run_one_for(std::chrono::seconds(1));
    }
  }

  boost::asio::io_context context;
  SystemClock clock;
  Launcher launcher;
  ProbeRunner runner;
};

}  // namespace muster::agent
