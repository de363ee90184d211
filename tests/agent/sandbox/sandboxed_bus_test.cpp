// A probe that is given the system bus has a connection to it as its own user, and no way to
// another socket. The bus listens where it does on any host, in a mount namespace of the test.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "agent/sandbox/system_bus_socket.h"
#include "tests/agent/sandbox/hostile_look.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr const char* kFwupdProgram =
    MUSTER_BUILD_DIRECTORY "/libexec/muster/probes/muster-probe-firmware-fwupd";
const std::string number = std::to_string(kSystemBusDescriptor);

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

class SandboxedBus : public HostileProbe {
 protected:
  // An own /run, once for the process.
  static void SetUpTestSuite() {
    const uid_t user = ::geteuid();
    const int namespaces = CLONE_NEWNS | (user == 0 ? 0 : CLONE_NEWUSER);
    ASSERT_EQ(::unshare(namespaces), 0);
    if (user != 0) {
      write_file("/proc/self/uid_map", fmt::format("{0} {0} 1\n", user));
    }
    ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(::mount("tmpfs", "/run", "tmpfs", 0, "mode=0755"), 0);
    std::filesystem::create_directory("/run/dbus");
    // dbus-daemon lets in who has a name, which the users of sandboxed_program.cpp have not.
    std::filesystem::copy_file("/etc/passwd", "/run/passwd");
    std::ofstream("/run/passwd", std::ios::app) << "probe:x:64321:64321::/:/bin/false\n"
                                                   "somebody:x:64322:64322::/:/bin/false\n";
    ASSERT_EQ(::mount("/run/passwd", "/etc/passwd", nullptr, MS_BIND, nullptr), 0);
  }

  SandboxedBus() { std::filesystem::remove(kSystemBusSocket); }

  static Descriptor listen(int backlog) {
    Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string_view(kSystemBusSocket).copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    EXPECT_EQ(::chmod(kSystemBusSocket, 0666), 0);
    EXPECT_EQ(::listen(listener.get(), backlog), 0);
    return listener;
  }

  std::string outcome_of(const Try& attempt, Starter starter, bool system_bus) {
    const v1::Section section =
        look(attempt, starter, {.system_bus = system_bus, .memory = uint64_t{256} << 20});
    return section.outcome() == v1::OUTCOME_OBSERVED ? "did it" : section.reason();
  }
};

TEST_F(SandboxedBus, IsAConnectionOfTheProbesUserAndNotOfRoot) {
  for (const Starter starter : starters()) {
    std::filesystem::remove(kSystemBusSocket);
    const Descriptor listener = listen(8);
    EXPECT_EQ(outcome_of({"write-descriptor", number.c_str()}, starter, true), "did it");
    const Descriptor peer(::accept(listener.get(), nullptr, nullptr));
    ucred who{};
    socklen_t size = sizeof who;
    ASSERT_EQ(::getsockopt(peer.get(), SOL_SOCKET, SO_PEERCRED, &who, &size), 0);
    EXPECT_NE(who.uid, 0U) << name_of(starter);
    char byte = 0;
    EXPECT_EQ(::read(peer.get(), &byte, 1), 1);
    EXPECT_EQ(byte, 'x');
  }
}

TEST_F(SandboxedBus, IsNotThereForAnotherProbe) {
  const Descriptor listener = listen(8);
  ASSERT_EQ(::fcntl(listener.get(), F_SETFL, O_NONBLOCK), 0);
  for (const Starter starter : starters()) {
    EXPECT_THAT(outcome_of({"read-descriptor", number.c_str()}, starter, false),
                HasSubstr("read was refused: Bad file descriptor"));
    EXPECT_EQ(::accept(listener.get(), nullptr, nullptr), -1);
  }
}

TEST_F(SandboxedBus, IsTheOnlySocketOfItsProbe) {
  const Descriptor listener = listen(64);
  for (const Try& attempt : std::to_array<Try>({{"connect", "{port}"},
                                                {"datagram"},
                                                {"netlink"},
                                                {"abstract-socket", "x"},
                                                {"listen"},
                                                {"execute-shell"}})) {
    refuses(attempt, {.system_bus = true}, HasSubstr(kForbidden));
  }
}

TEST_F(SandboxedBus, IsEmptyWhereThereIsNone) {
  for (const Starter starter : starters()) {
    EXPECT_THAT(outcome_of({"read-descriptor", number.c_str()}, starter, true),
                HasSubstr("read was refused: Success"));
  }
}

// Otherwise a bus that hangs would hold the launcher's child before it is held itself.
TEST_F(SandboxedBus, ThatLetsNobodyInIsEmptyAfterSeconds) {
  const Descriptor listener = listen(0);
  std::vector<Descriptor> waiting;
  for (Descriptor each = connect_to(kSystemBusSocket); each.get() >= 0;
       each = connect_to(kSystemBusSocket)) {
    waiting.push_back(std::move(each));
  }
  EXPECT_THAT(outcome_of({"read-descriptor", number.c_str()}, starters().back(), true),
              HasSubstr("read was refused: Success"));
}

v1::Section look_for_fwupd(Starter starter) {
  const ProbeRow& row =
      *std::find_if(all_probes().begin(), all_probes().end(),
                    [](const ProbeRow& each) { return each.name == "firmware-fwupd"; });
  v1::ProbeRequest message;
  message.set_root("/");
  LaunchRequest request;
  request.program = kFwupdProgram;
  request.timeout = 60s;
  const SandboxedRun run = run_sandboxed(plan_of(row.sandbox, kFwupdProgram), starter,
                                         message.SerializeAsString(), request);
  for (size_t i = 0; starter == Starter::kRoot && i < kMechanismCount; ++i)
    EXPECT_EQ(run.sandbox.at(i).error, 0) << run.sandbox.at(i).call;
  return section_of(row, request, run.result, TimePoint());
}

// Of the real dbus-daemon; fwupd itself is in tests/agent/probes/firmware_fwupd.
TEST_F(SandboxedBus, OfDebianAnswersTheProbeInItsSandbox) {
  const std::string configuration = "/run/bus.conf";
  write_file(configuration,
             fmt::format("<busconfig><type>system</type><listen>unix:path={}</listen>"
                         "<auth>EXTERNAL</auth><policy context=\"default\">"
                         "<allow user=\"*\"/><allow send_destination=\"*\"/>"
                         "<allow receive_sender=\"*\"/></policy></busconfig>",
                         kSystemBusSocket));
  std::array<std::string, 4> words{"dbus-daemon", "--config-file=" + configuration, "--nofork",
                                   "--nopidfile"};
  std::array<char*, 5> pointers{words[0].data(), words[1].data(), words[2].data(), words[3].data(),
                                nullptr};
  pid_t daemon = -1;
  ASSERT_EQ(::posix_spawnp(&daemon, "dbus-daemon", nullptr, nullptr, pointers.data(), environ), 0);
  while (connect_to(kSystemBusSocket).get() < 0 && ::waitpid(daemon, nullptr, WNOHANG) == 0)
    ::usleep(10'000);
  for (const Starter starter : starters()) {
    const v1::Section section = look_for_fwupd(starter);
    EXPECT_EQ(section.outcome(), v1::OUTCOME_NOT_APPLICABLE) << name_of(starter);
    EXPECT_THAT(section.reason(), HasSubstr("nobody on the system bus has its name"));
  }
  ::kill(daemon, SIGTERM);
  ::waitpid(daemon, nullptr, 0);
}

TEST_F(SandboxedBus, ThatIsNotThereIsSaidByTheProbeInItsSandbox) {
  for (const Starter starter : starters()) {
    EXPECT_THAT(look_for_fwupd(starter).reason(), HasSubstr("there is no system bus"));
  }
}

TEST_F(SandboxedBus, AtWhichNobodyListensIsAFailure) {
  listen(1).reset(-1);
  for (const Starter starter : starters()) {
    const v1::Section section = look_for_fwupd(starter);
    EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED) << name_of(starter);
    EXPECT_THAT(section.reason(), HasSubstr("nobody listens at /run/dbus/system_bus_socket"));
  }
}

}  // namespace
}  // namespace muster::agent
