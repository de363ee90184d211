// muster-launcher itself between two who mean it ill: an agent that was taken over, at the other
// end of its socket, and a program in the place of muster-agent, which makes its table.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "agent/launcher/launcher_link.h"
#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher_program/child.h"
#include "agent/looking/probe_list.h"
#include "tests/common/fake_service_manager.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kLauncher = MUSTER_BUILD_DIRECTORY "/libexec/muster/muster-launcher";
constexpr const char* kInstead = MUSTER_BUILD_DIRECTORY "/tests/launched_program";
// As systemd passes it: sd_listen_fds(3).
constexpr int kPassed = 3;

class LauncherProgram : public ::testing::Test {
 protected:
  LauncherProgram() {
    ::chmod(directory_.path().c_str(), 0755);
    std::filesystem::create_directory(directory_.file("probes"));
    for (const ProbeRow& row : all_probes()) {
      std::filesystem::copy_file(kInstead,
                                 directory_.file("probes") + "/" + std::string(row.program));
    }
  }
  ~LauncherProgram() override {
    if (process_ > 0) ::kill(process_, SIGKILL);
    end();
  }

  // With the socket as descriptor 3 and a one-shot that does `act`.
  void start(const std::string& act, int socket, std::vector<std::string> more,
             const std::vector<std::pair<std::string, std::string>>& environment = {}) {
    directory_.write(act, "", 0644);
    std::vector<std::string> arguments{kLauncher,
                                       "--config",
                                       directory_.file(act),
                                       "--probes",
                                       directory_.file("probes"),
                                       "--agent-program",
                                       kInstead,
                                       "--user",
                                       "64321"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::vector<char*> pointers;
    for (std::string& argument : arguments)
      pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    process_ = ::fork();
    if (process_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = ::open(directory_.file("log").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(log, STDERR_FILENO);
    ::dup2(::fcntl(socket, F_DUPFD, 10), kPassed);
    for (const auto& [name, value] : environment)
      ::setenv(name.c_str(), value.c_str(), 1);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::execv(kLauncher, pointers.data());
    ::_exit(126);
  }

  // The agent's end of its socket.
  Descriptor start_connected(const std::string& act = "good") {
    auto sockets = make_launcher_sockets();
    start(act, sockets->second.get(), {"--quiet", "--socket-fd", std::to_string(kPassed)});
    return std::move(sockets->first);
  }

  // Where to connect to a launcher that has its socket from systemd.
  std::string start_listening(const std::string& agent_user,
                              std::vector<std::pair<std::string, std::string>> environment = {}) {
    const Descriptor listener(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    std::string path = directory_.file("socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    EXPECT_EQ(::listen(listener.get(), 4), 0);
    environment.emplace_back("LISTEN_FDS", "1");
    start("good", listener.get(), {"--quiet", "--agent-user", agent_user}, environment);
    return path;
  }

  // Its exit status.
  int end() {
    if (process_ <= 0) return -1;
    int status = 0;
    ::waitpid(std::exchange(process_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string log() const {
    std::ostringstream text;
    text << std::ifstream(directory_.file("log")).rdbuf();
    return text.str();
  }

  test::TemporaryDirectory directory_;
  pid_t process_ = -1;
};

Received next(int socket, ReceivedEvent& event) {
  pollfd polled{.fd = socket, .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&polled, 1, 30'000), 1) << "the launcher says nothing";
  return read_event(socket, event);
}

// A run of a probe that hangs until it is killed; then `read_end` is at its end.
Pipe order_run(int socket, uint64_t run, uint32_t row = 0) {
  Pipe pipe;
  EXPECT_TRUE(make_pipe(pipe));
  EXPECT_TRUE(send_order(
      socket, {.verb = Verb::kRun, .row = row, .run = run, .timeout_milliseconds = 60'000},
      {.output = pipe.write_end.get(), .error_output = pipe.write_end.get()}));
  pipe.write_end.reset(-1);
  return pipe;
}

std::string own_user() {
  return ::geteuid() == 0 ? "root" : std::to_string(::geteuid());
}

// Those that it may make effective: proc_pid_status(5).
uint64_t capabilities_of(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("CapPrm:")) return std::stoull(line.substr(7), nullptr, 16);
  }
  ADD_FAILURE() << "there is no process " << process;
  return 0;
}

bool is_over(const Pipe& pipe) {
  pollfd polled{.fd = pipe.read_end.get(), .events = POLLIN, .revents = 0};
  char byte = 0;
  return ::poll(&polled, 1, 30'000) == 1 && ::read(pipe.read_end.get(), &byte, 1) == 0;
}

TEST_F(LauncherProgram, EndsWithAllItsProbesWhenItsAgentWantsTwoRunsWithOneId) {
  const Descriptor agent = start_connected();
  ReceivedEvent event;
  ASSERT_EQ(next(agent.get(), event), Received::kMessage) << log();
  const Pipe first = order_run(agent.get(), 7);
  const Pipe second = order_run(agent.get(), 7);
  EXPECT_EQ(next(agent.get(), event), Received::kEnd);
  EXPECT_TRUE(is_over(first));
  EXPECT_TRUE(is_over(second));
  EXPECT_EQ(end(), 0);
  EXPECT_THAT(log(), HasSubstr("the connection is closed: no agent gives such orders\" "
                               "error=\"two runs at once with one id\"\n"));
}

TEST_F(LauncherProgram, EndsWithAllItsProbesWhenItsAgentWantsTooManyOfOneAtOnce) {
  const Descriptor agent = start_connected();
  ReceivedEvent event;
  ASSERT_EQ(next(agent.get(), event), Received::kMessage) << log();
  std::vector<Pipe> pipes;
  const uint64_t most = most_runs(all_probes()[0]);
  for (uint64_t run = 1; run <= most; ++run)
    pipes.push_back(order_run(agent.get(), run));
  // All of them run: one is killed and told of, and another has its place.
  ASSERT_TRUE(send_order(agent.get(), {.verb = Verb::kKill, .run = 1}));
  ASSERT_EQ(next(agent.get(), event), Received::kMessage) << log();
  EXPECT_EQ(event.report.run, 1);
  EXPECT_EQ(event.report.how, RunReport::How::kSignalled);
  pipes.push_back(order_run(agent.get(), most + 1));
  pipes.push_back(order_run(agent.get(), most + 2));
  EXPECT_EQ(next(agent.get(), event), Received::kEnd);
  for (const Pipe& pipe : pipes)
    EXPECT_TRUE(is_over(pipe));
  EXPECT_EQ(end(), 0);
  EXPECT_THAT(log(), HasSubstr("error=\"too many runs of a probe at once\"\n"));
}

TEST_F(LauncherProgram, EndsWhenItsAgentSaysWhatIsNoOrder) {
  const Descriptor agent = start_connected();
  ReceivedEvent event;
  ASSERT_EQ(next(agent.get(), event), Received::kMessage) << log();
  const Pipe running = order_run(agent.get(), 1);
  ASSERT_EQ(::send(agent.get(), "x", 1, MSG_NOSIGNAL), 1);
  EXPECT_EQ(next(agent.get(), event), Received::kEnd);
  EXPECT_TRUE(is_over(running));
  EXPECT_EQ(end(), 0);
  EXPECT_THAT(log(), HasSubstr("error=\"a message has not the size of an order\"\n"));
}

TEST_F(LauncherProgram, ClosesTheConnectionOfAnotherUserThanTheAgents) {
  const std::string path = start_listening("64323");
  auto stranger = connect_launcher(path);
  ASSERT_TRUE(stranger.ok()) << stranger.status();
  ReceivedEvent event;
  EXPECT_EQ(next(stranger->socket.get(), event), Received::kEnd) << "not even a hello";
  ::kill(process_, SIGTERM);
  EXPECT_EQ(end(), 0) << "it went on until it was told to end";
  EXPECT_THAT(log(), HasSubstr(fmt::format("a connection of another user than the agent's was "
                                           "closed\" uid=\"{}\" pid=\"{}\"\n",
                                           ::geteuid(), ::getpid())));
}

TEST_F(LauncherProgram, TellsSystemdThatItServesAndLives) {
  const test::FakeServiceManager manager(fmt::format("@muster-launcher-program-{}", ::getpid()));
  const std::string path = start_listening(
      own_user(), {{"NOTIFY_SOCKET", manager.address()}, {"WATCHDOG_USEC", "20000"}});
  EXPECT_THAT(manager.next(), StartsWith("READY=1\n")) << log();
  EXPECT_EQ(manager.next(), "WATCHDOG=1");
  EXPECT_EQ(manager.next(), "WATCHDOG=1");
  auto agent = connect_launcher(path);
  ASSERT_TRUE(agent.ok()) << agent.status();
  ReceivedEvent event;
  EXPECT_EQ(next(agent->socket.get(), event), Received::kMessage);
  ::kill(process_, SIGTERM);
  EXPECT_THAT(manager.next_with("STOPPING=1"), StartsWith("STOPPING=1"));
  EXPECT_EQ(end(), 0);
}

// Where systemd starts it, muster-answers and muster-device-answers have units of their own.
TEST_F(LauncherProgram, KeepsTheWaysToAuditAndDevicesOnlyWhereItStartsWhoAsksItself) {
  const uint64_t asking = uint64_t{1} << CAP_AUDIT_CONTROL | uint64_t{1} << CAP_SYS_ADMIN |
                          uint64_t{1} << CAP_SYS_RAWIO;
  const uint64_t own = capabilities_of(::getpid());
  const Descriptor agent = start_connected();
  ReceivedEvent event;
  ASSERT_EQ(next(agent.get(), event), Received::kMessage) << log();
  EXPECT_EQ(capabilities_of(process_) & asking, own & asking);
  ::kill(process_, SIGKILL);
  end();
  const std::string path = start_listening(own_user());
  const auto listened = connect_launcher(path);
  ASSERT_TRUE(listened.ok()) << listened.status();
  ASSERT_EQ(next(listened->socket.get(), event), Received::kMessage) << log();
  EXPECT_EQ(capabilities_of(process_) & asking, 0);
}

TEST_F(LauncherProgram, TakesATableThatIsLargerThanAPipe) {
  const Descriptor agent = start_connected("large");
  ReceivedEvent event;
  EXPECT_EQ(next(agent.get(), event), Received::kMessage) << log();
}

TEST_F(LauncherProgram, TakesNoTableOfAOneShotThatMisbehaves) {
  const struct {
    const char* act;
    std::string reason;
  } tries[] = {
      {"hangs", "error=\"it was not read within ten seconds\"\n"},
      {"floods", "error=\"muster-agent probe-requests wrote more than 4 MiB\"\n"},
      {"fills-the-table", "is of another version than this launcher\"\n"},
      // Kept are 4 KiB of it, and a value in the log has 1 KiB.
      {"complains", "error=\"" + std::string(1024, 'e') + "\"\n"},
      {"fails", "error=\"agent.yml:1:1: nonsense\"\n"},
      {"fails-silently", "error=\"it ended with status 1\"\n"},
      {"crashes", "error=\"it was ended by signal 4\"\n"},
  };
  for (const auto& attempt : tries) {
    const Descriptor agent = start_connected(attempt.act);
    EXPECT_EQ(end(), 78) << attempt.act;
    EXPECT_THAT(log(), HasSubstr(attempt.reason)) << attempt.act;
  }
}

}  // namespace
}  // namespace muster::agent
