// The launcher's loop on a kernel in the test's hand: what is missing is said once, and probes go
// on; who may connect; and what systemd is told.
#include "agent/launcher_program/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include "agent/launcher/launcher_link.h"
#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher/memory_file.h"
#include "agent/launcher_program/log.h"
#include "agent/looking/probe_list.h"
#include "agent/sandbox/inherited_files.h"
#include "agent/sandbox/process_table.h"
#include "tests/agent/sandbox/fake_kernel.h"
#include "tests/common/fake_service_manager.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Lack {
  Mechanism mechanism;
  const char* method;
  int error;
  const char* reason;
};
constexpr Lack kLacks[] = {
    {Mechanism::kUser, "set_user_ids", EPERM, "setresuid: Operation not permitted"},
    {Mechanism::kCapabilities, "set_capabilities", EPERM, "capset: Operation not permitted"},
    {Mechanism::kNoNewPrivileges, "set_no_new_privileges", EINVAL,
     "prctl(PR_SET_NO_NEW_PRIVS): Invalid argument"},
    {Mechanism::kSeccomp, "set_seccomp_filter", ENOSYS, "seccomp: Function not implemented"},
    {Mechanism::kLandlock, "landlock_version", EOPNOTSUPP,
     "landlock_create_ruleset: Operation not supported"},
    {Mechanism::kLimits, "set_limit", EPERM, "setrlimit: Operation not permitted"},
};

size_t occurrences(const std::string& text, const std::string& wanted) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(wanted, at)) != std::string::npos; ++at)
    ++count;
  return count;
}

// The next event; one whose `event` is no Event at the end of the connection.
ReceivedEvent next_event(int socket) {
  ReceivedEvent event;
  pollfd polled{.fd = socket, .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&polled, 1, 20'000), 1) << "the launcher says nothing";
  if (read_event(socket, event) != Received::kMessage) event.event = static_cast<Event>(0);
  return event;
}

class ALauncherServer : public ::testing::Test {
 protected:
  ALauncherServer() {
    const int script =
        ::open(directory_.file("probe").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    const std::string_view text = "#!/bin/sh\necho it looked\n";
    EXPECT_EQ(::write(script, text.data(), text.size()), text.size());
    ::close(script);
    row_.name = "probe";
    row_.program = "probe";
    listener_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path().c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    EXPECT_EQ(::listen(listener_.get(), 4), 0);
  }
  ~ALauncherServer() override { stop(SIGKILL); }

  std::string socket_path() const { return directory_.file("socket"); }

  // In a process of its own, which has the test's one thread.
  void start(
      const FakeKernel& kernel,
      const std::function<void(ServerOptions&)>& adapt = [](ServerOptions&) {}) {
    process_ = ::fork();
    if (process_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log =
        ::open(directory_.file("log").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ::dup2(log, STDERR_FILENO);
    FakeKernel calls = kernel;
    ServerOptions options;
    options.rows = {&row_, 1};
    options.probe_directory = directory_.path();
    options.user = 64321;
    options.group = 64321;
    options.listener = listener_.get();
    options.agent_user = ::geteuid();
    options.read_requests = [](RequestTable& table, std::string&) {
      say("info", "requests are read");
      table.rows.assign(
          1, {.enabled = true, .timeout_milliseconds = 20'000, .request = {}, .paths = {}});
      return true;
    };
    adapt(options);
    ::_exit(LauncherServer(std::move(options), calls).serve());
  }

  // Its exit status.
  int stop(int signal) {
    if (process_ <= 0) return -1;
    if (signal != 0) ::kill(process_, signal);
    int status = 0;
    ::waitpid(std::exchange(process_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  Descriptor connect() const {
    auto link = connect_launcher(socket_path());
    EXPECT_TRUE(link.ok()) << link.status();
    return link.ok() ? std::move(link->socket) : Descriptor();
  }

  std::string log() const {
    std::ostringstream text;
    text << std::ifstream(directory_.file("log")).rdbuf();
    return text.str();
  }

  // What the probe wrote, and how it ended.
  static std::string run_probe(int socket, uint64_t run, int targets = -1) {
    Pipe pipe;
    EXPECT_TRUE(make_pipe(pipe));
    EXPECT_TRUE(send_order(socket, {.verb = Verb::kRun, .run = run, .timeout_milliseconds = 20'000},
                           {.output = pipe.write_end.get(),
                            .error_output = pipe.write_end.get(),
                            .targets = targets}));
    pipe.write_end.reset(-1);
    const ReceivedEvent event = next_event(socket);
    if (event.event != Event::kEnded) return step_name(event.report.step);
    EXPECT_EQ(event.report.run, run);
    std::array<char, 64> output{};
    const ssize_t size = ::read(pipe.read_end.get(), output.data(), output.size());
    return fmt::format("{}{}", std::string(output.data(), static_cast<size_t>(size)),
                       event.report.code);
  }

  test::TemporaryDirectory directory_;
  ProbeRow row_;
  Descriptor listener_;
  pid_t process_ = -1;
};

TEST_F(ALauncherServer, SaysOnceWhatTheKernelLacksAndGoesOn) {
  for (const Lack& lack : kLacks) {
    const std::string name(mechanism_name(lack.mechanism));
    SCOPED_TRACE(name);
    FakeKernel kernel;
    kernel.refused[lack.method] = lack.error;
    start(kernel);
    for (uint64_t connection = 1; connection <= 2; ++connection) {
      const Descriptor agent = connect();
      const ReceivedEvent hello = next_event(agent.get());
      ASSERT_EQ(hello.event, Event::kHello);
      for (size_t i = 0; i < kMechanismCount; ++i) {
        EXPECT_STREQ(hello.hello.missing.at(i).data(),
                     i == static_cast<size_t>(lack.mechanism) ? lack.reason : "");
      }
      EXPECT_EQ(run_probe(agent.get(), 1), "it looked\n0");
      ::kill(process_, SIGHUP);
      ASSERT_TRUE(send_order(agent.get(), {.verb = Verb::kReload}));
      EXPECT_EQ(run_probe(agent.get(), 2), "it looked\n0");
    }
    EXPECT_EQ(stop(SIGTERM), 0);
    EXPECT_EQ(occurrences(log(), "requests are read"), 5) << "at start, and twice for each agent";
    EXPECT_EQ(occurrences(log(), "level=warning"), 1);
    EXPECT_EQ(
        occurrences(log(), fmt::format("mechanism=\"{}\" reason=\"{}\"\n", name, lack.reason)), 1)
        << log();
  }
}

TEST_F(ALauncherServer, NamesEachWhereAllAreMissing) {
  FakeKernel kernel;
  for (const Lack& lack : kLacks)
    kernel.refused[lack.method] = lack.error;
  start(kernel);
  const Descriptor agent = connect();
  const ReceivedEvent hello = next_event(agent.get());
  EXPECT_EQ(run_probe(agent.get(), 1), "it looked\n0");
  EXPECT_EQ(stop(SIGTERM), 0);
  for (const Lack& lack : kLacks) {
    const std::string name(mechanism_name(lack.mechanism));
    EXPECT_STREQ(hello.hello.missing.at(static_cast<size_t>(lack.mechanism)).data(), lack.reason);
    EXPECT_EQ(occurrences(log(), "mechanism=\"" + name + "\""), 1) << log();
  }
}

TEST_F(ALauncherServer, SaysNothingWhereNothingIsMissing) {
  start(FakeKernel());
  const Descriptor agent = connect();
  EXPECT_EQ(next_event(agent.get()).hello.missing, Hello().missing);
  EXPECT_EQ(stop(SIGTERM), 0);
  EXPECT_EQ(occurrences(log(), "mechanism="), 0) << log();
}

// Reading a process's maps waits for it, and nobody ends the launcher's start where it hangs.
TEST_F(ALauncherServer, ReadsNothingOfProcessesWhenItTriesTheSandboxes) {
  row_.sandbox.processes = SandboxDeclaration::Processes::kMappings;
  FakeKernel kernel;
  kernel.unwanted_descriptor = kProcessTableDescriptor;
  start(kernel);
  const Descriptor agent = connect();
  EXPECT_EQ(next_event(agent.get()).hello.missing, Hello().missing);
  EXPECT_EQ(run_probe(agent.get(), 1), "it looked\n0");
  EXPECT_EQ(stop(SIGTERM), 0);
}

TEST_F(ALauncherServer, EndsAtAnyLackWhereTheSandboxIsRequired) {
  for (const Lack& lack : kLacks) {
    FakeKernel kernel;
    kernel.refused[lack.method] = lack.error;
    start(kernel, [](ServerOptions& options) { options.require_sandbox = true; });
    EXPECT_EQ(stop(0), kSandboxRefused);
    EXPECT_EQ(occurrences(log(), "level=error"), 2) << log();
    EXPECT_EQ(occurrences(log(), fmt::format("mechanism=\"{}\"", mechanism_name(lack.mechanism))),
              1)
        << log();
    EXPECT_THAT(log(), HasSubstr("no probe runs without all that should hold it"));
  }
}

TEST_F(ALauncherServer, ClosesTheConnectionOfAnotherUserThanTheAgents) {
  start(FakeKernel(), [](ServerOptions& options) { options.agent_user = ::geteuid() + 1; });
  for (int i = 0; i < 2; ++i) {
    const Descriptor stranger = connect();
    EXPECT_EQ(next_event(stranger.get()).event, static_cast<Event>(0)) << "not even a hello";
  }
  EXPECT_EQ(stop(SIGTERM), 0) << "it goes on";
  EXPECT_EQ(occurrences(log(), fmt::format("a connection of another user than the agent's was "
                                           "closed\" uid=\"{}\" pid=\"{}\"",
                                           ::geteuid(), ::getpid())),
            2)
      << log();
}

TEST_F(ALauncherServer, RunsSoManyOfAProbeAtOnceAndNoneBeyond) {
  for (const bool targets : {false, true}) {
    using Reach = SandboxDeclaration::Reach;
    row_.sandbox.reach = targets ? Reach::kNetwork : Reach::kFiles;
    directory_.write("probe", "#!/bin/sh\nsleep 60\n", 0755);
    start(FakeKernel());
    const Descriptor agent = connect();
    ASSERT_EQ(next_event(agent.get()).event, Event::kHello);
    const Descriptor batch = memory_file("batch", "");
    Pipe output;
    ASSERT_TRUE(make_pipe(output));
    EXPECT_EQ(most_runs(row_), targets ? 16 : 2);
    for (uint64_t run = 1; run <= most_runs(row_) + 1; ++run) {
      ASSERT_TRUE(send_order(agent.get(),
                             {.verb = Verb::kRun, .run = run, .timeout_milliseconds = 20'000},
                             {.output = output.write_end.get(),
                              .error_output = output.write_end.get(),
                              .targets = targets ? batch.get() : -1}));
    }
    EXPECT_EQ(next_event(agent.get()).event, static_cast<Event>(0)) << "the end of the connection";
    EXPECT_EQ(stop(SIGTERM), 0);
    EXPECT_EQ(occurrences(log(), "too many runs of a probe at once"), 1) << log();
  }
}

TEST_F(ALauncherServer, GivesAProbeItsBatchAsTheDescriptorThatItReads) {
  row_.sandbox.reach = SandboxDeclaration::Reach::kNetwork;
  start(FakeKernel());
  const Descriptor agent = connect();
  ASSERT_EQ(next_event(agent.get()).event, Event::kHello);
  directory_.write("probe", "#!/bin/bash\ncat /proc/self/fd/99\n", 0755);
  EXPECT_EQ(run_probe(agent.get(), 1, memory_file("batch", "the batch\n").get()), "the batch\n0");
}

TEST_F(ALauncherServer, GivesAllRunsOfNetworkProbesOneMemoryForTheirRates) {
  row_.sandbox.reach = SandboxDeclaration::Reach::kNetwork;
  start(FakeKernel());
  const Descriptor agent = connect();
  ASSERT_EQ(next_event(agent.get()).event, Event::kHello);
  directory_.write("probe", "#!/bin/bash\nstat -L -c %i,%s, /proc/self/fd/98\n", 0755);
  const std::string first = run_probe(agent.get(), 1, memory_file("batch", "").get());
  EXPECT_THAT(first, ::testing::EndsWith(fmt::format(",{},\n0", kPaceBytes)));
  EXPECT_EQ(run_probe(agent.get(), 2, memory_file("batch", "").get()), first);
}

TEST_F(ALauncherServer, TellsSystemdThatItServesLivesAndEnds) {
  const test::FakeServiceManager manager(fmt::format("@muster-launcher-test-{}", ::getpid()));
  start(FakeKernel(), [&manager](ServerOptions& options) {
    options.manager = NotifySocket(manager.address());
    options.life_interval = 5ms;
  });
  EXPECT_THAT(manager.next(), StartsWith("READY=1\n"));
  EXPECT_EQ(manager.next(), "WATCHDOG=1");
  EXPECT_EQ(manager.next(), "WATCHDOG=1") << "without an agent";
  const Descriptor agent = connect();
  EXPECT_EQ(next_event(agent.get()).event, Event::kHello);
  EXPECT_EQ(run_probe(agent.get(), 1), "it looked\n0");
  EXPECT_EQ(manager.next(), "WATCHDOG=1");
  ::kill(process_, SIGTERM);
  EXPECT_THAT(manager.next_with("STOPPING=1"), StartsWith("STOPPING=1"));
  EXPECT_EQ(stop(0), 0);
}

TEST_F(ALauncherServer, ThatHangsTellsSystemdNothing) {
  const test::FakeServiceManager manager(fmt::format("@muster-launcher-test-{}", ::getpid()));
  start(FakeKernel(), [&manager](ServerOptions& options) {
    options.manager = NotifySocket(manager.address());
    options.life_interval = 5ms;
  });
  EXPECT_THAT(manager.next_with("WATCHDOG=1"), StartsWith("WATCHDOG=1"));
  ::kill(process_, SIGSTOP);
  int status = 0;
  ASSERT_EQ(::waitpid(process_, &status, WUNTRACED), process_);
  while (!manager.next(1ms).empty()) {
  }
  EXPECT_EQ(manager.next(100ms), "");
}

}  // namespace
}  // namespace muster::agent
