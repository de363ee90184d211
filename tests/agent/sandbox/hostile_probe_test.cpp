// A probe that has been taken over tries what it must not. Each try is refused or bounded, whoever
// started it, and the section says what happened.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "agent/launcher/look_result.h"
#include "agent/looking/probe_list.h"
#include "common/files.h"
#include "muster/v1/probe.pb.h"
#include "tests/agent/sandbox/hostile_acts.h"
#include "tests/agent/sandbox/sandboxed_program.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr const char* kProgram = MUSTER_BUILD_DIRECTORY "/tests/hostile_probe";

// The row whose place the hostile probe takes: the one that may most.
const ProbeRow& certificates() {
  return *std::find_if(all_probes().begin(), all_probes().end(),
                       [](const ProbeRow& row) { return row.name == "certificates"; });
}

struct Try {
  const char* act;
  // Of the act: a file, a process, a port. "{shared}" is a directory in which everybody may write,
  // with a file of everybody's, and not declared; "{declared}" one that is declared to be readable;
  // "{agent}" the process that started the probe; "{port}" where somebody listens.
  const char* what = "";
};

std::string described(const Try& attempt) {
  return fmt::format("{} {}", attempt.act, attempt.what);
}

class HostileProbe : public ::testing::Test {
 protected:
  HostileProbe() {
    ::chmod(directory_.path().c_str(), 0755);
    for (const char* name : {"shared", "declared"}) {
      std::filesystem::create_directory(directory_.path() + "/" + name);
      ::chmod((directory_.path() + "/" + name).c_str(), 0777);
      const std::string file =
          directory_.write(std::string(name) + "/file", "something to read", 0666);
      ::chmod(file.c_str(), 0666);
    }
    std::filesystem::create_symlink(directory_.path() + "/shared/file",
                                    directory_.path() + "/declared/link-out");
    listen();
  }
  ~HostileProbe() override {
    ::close(listener_);
    ::close(abstract_);
  }

  // What the look of the probe that tries this gave.
  v1::Section look(const Try& attempt, Starter starter, SandboxDeclaration declaration,
                   Duration timeout = 20s, const std::function<void(pid_t)>& meanwhile = {}) {
    v1::ProbeRequest message;
    message.set_root("/");
    v1::ProbeSetting& setting = *message.add_settings();
    setting.set_name("paths");
    setting.add_values(std::string("/try/") + attempt.act);
    setting.add_values(fmt::format(fmt::runtime(attempt.what),
                                   fmt::arg("shared", directory_.path() + "/shared"),
                                   fmt::arg("declared", directory_.path() + "/declared"),
                                   fmt::arg("agent", ::getpid()), fmt::arg("port", port_)));
    LaunchRequest request;
    request.program = kProgram;
    request.timeout = timeout;
    SandboxPlan plan = plan_of(declaration, kProgram, {directory_.path() + "/declared"});
    plan.cpu_seconds = 1;
    const SandboxedRun run =
        run_sandboxed(plan, starter, message.SerializeAsString(), request, calls_, meanwhile);
    return section_of(certificates(), request, run.result, TimePoint());
  }
  v1::Section look(const Try& attempt, Starter starter) {
    return look(attempt, starter, certificates().sandbox);
  }

  void refuses(const Try& attempt, const ::testing::Matcher<std::string>& reason) {
    refuses(attempt, certificates().sandbox, reason);
  }
  void refuses(const Try& attempt, const SandboxDeclaration& declaration,
               const ::testing::Matcher<std::string>& reason) {
    for (const Starter starter : starters()) {
      const v1::Section section = look(attempt, starter, declaration);
      EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED)
          << described(attempt) << ", " << name_of(starter);
      EXPECT_THAT(section.reason(), reason) << described(attempt) << ", " << name_of(starter);
    }
  }

  test::TemporaryDirectory directory_;
  SystemCalls calls_;

 private:
  void listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    abstract_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const std::string text = "muster-hostile-" + std::to_string(::getpid());
    text.copy(name.sun_path + 1, text.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
    ASSERT_EQ(::bind(abstract_, reinterpret_cast<sockaddr*>(&name), length), 0);
    ASSERT_EQ(::listen(abstract_, 8), 0);
  }

  int listener_ = -1;
  int abstract_ = -1;
  uint16_t port_ = 0;
};

constexpr const char* kForbidden = "made a system call that its sandbox forbids";

TEST_F(HostileProbe, IsEndedForWhatNoProbeHasAReasonToCall) {
  for (const Try attempt : std::to_array<Try>({
           {"connect", "{port}"},
           {"listen"},
           {"datagram"},
           {"datagram-6"},
           {"raw"},
           {"packets"},
           {"netlink"},
           {"abstract-socket", "muster-hostile-{agent}"},
           {"socket-pair"},
           {"execute-shell"},
           {"execute-shell-by-descriptor"},
           {"spawn-shell"},
           {"fork"},
           {"fork-bomb"},
           {"leave"},
           {"leave-session"},
           {"threads"},
           {"trace", "{agent}"},
           {"read-memory-of", "{agent}"},
           {"take-descriptor-of", "{agent}"},
           {"signal", "{agent}"},
           {"signal-everybody"},
           {"become-root"},
           {"join-group-of-root"},
           {"take-groups"},
           {"take-capabilities"},
           {"mount"},
           {"change-root"},
           {"unshare-user"},
           {"unshare-mounts"},
           {"enter-namespace"},
           {"ring"},
           {"bpf"},
           {"events"},
           {"key"},
           {"page-faults"},
           {"load-module"},
           {"read-kernel-log"},
           {"call-as-i386"},
       })) {
    refuses(attempt, HasSubstr(kForbidden));
  }
}

TEST_F(HostileProbe, ChangesNoFile) {
  for (const Try attempt : std::to_array<Try>({
           {"make-file", "/tmp/muster-hostile"},
           {"make-file", "/dev/shm/muster-hostile"},
           {"make-file", "{shared}/new"},
           {"make-file", "{declared}/new"},
           {"make-file-here"},
           {"make-nameless-file", "/dev/shm"},
           {"make-nameless-file", "{declared}"},
           {"make-directory", "{declared}/new"},
           {"make-link", "{declared}/new"},
           {"make-fifo", "{declared}/new"},
           {"append", "{declared}/file"},
           {"append-to-itself"},
           {"truncate", "{declared}/file"},
           {"open-and-truncate", "{declared}/file"},
           {"remove", "{declared}/file"},
           {"change-mode", "{declared}/file"},
           {"change-owner", "{declared}/file"},
           {"change-times", "{declared}/file"},
           {"change-attribute", "{declared}/file"},
       })) {
    refuses(attempt, AnyOf(EndsWith("was refused: Read-only file system"),
                           EndsWith("was refused: Function not implemented")));
  }
}

TEST_F(HostileProbe, ReadsNothingButWhatIsDeclared) {
  for (const Try attempt : std::to_array<Try>({
           {"read", "/etc/shadow"},
           {"read", "/etc/passwd"},
           {"read", "/proc/{agent}/mem"},
           {"read", "/proc/{agent}/environ"},
           {"read", "/proc/{agent}/maps"},
           {"read", "/proc/{agent}/cmdline"},
           {"read", "/proc/{agent}/root/etc/passwd"},
           {"read", "/proc/self/environ"},
           {"read", "/proc/kallsyms"},
           {"read", "/dev/kmsg"},
           {"read", "{shared}/file"},
           {"read", "{declared}/link-out"},
           {"read", "{declared}/../shared/file"},
           {"read", "/proc/self/root{shared}/file"},
           {"list", "/"},
           {"list", "/root"},
           {"list", "/proc"},
           {"list", "{shared}"},
       })) {
    refuses(attempt, EndsWith("was refused: Permission denied"));
  }
}

TEST_F(HostileProbe, ReadsWhatIsDeclared) {
  for (const Starter starter : starters()) {
    EXPECT_EQ(look({"read", "{declared}/file"}, starter).outcome(), v1::OUTCOME_OBSERVED);
    EXPECT_EQ(look({"list", "{declared}"}, starter).outcome(), v1::OUTCOME_OBSERVED);
  }
}

TEST_F(HostileProbe, TakesNoMoreThanItsShare) {
  refuses({"memory"}, EndsWith("mmap was refused: Cannot allocate memory"));
  refuses({"memory-as-file"}, EndsWith("write to a memfd was refused: File too large"));
  refuses({"open-many"}, EndsWith("dup was refused: Too many open files"));
  refuses({"output"}, EndsWith("wrote more than 4 MiB and was killed"));
  refuses({"raise-limit"}, EndsWith("setrlimit was refused: Function not implemented"));
  refuses({"type-into-terminal"}, EndsWith("ioctl was refused: Function not implemented"));
  refuses({"clone3"}, EndsWith("clone3 was refused: Function not implemented"));
}

TEST_F(HostileProbe, IsEndedWhenItHangsOrSpinsThoughItIgnoresEverySignal) {
  for (const Starter starter : starters()) {
    EXPECT_EQ(look({"hang"}, starter, certificates().sandbox, 500ms).reason(),
              "muster-probe-certificates was killed after 500 ms");
    // A second after SIGXCPU, which it ignores.
    EXPECT_EQ(look({"spin"}, starter).reason(), "muster-probe-certificates was ended by SIGKILL");
  }
}

// What docs/security.md tells a sceptic to look at.
TEST_F(HostileProbe, CanBeSeenToBeHeldWhileItRuns) {
  for (const Starter starter : starters()) {
    std::string status;
    std::string limits;
    look({"hang"}, starter, certificates().sandbox, 2s, [&](pid_t probe) {
      const std::string directory = fmt::format("/proc/{}", probe);
      const auto executes = [&] {
        std::error_code ignored;
        return std::filesystem::read_symlink(directory + "/exe", ignored) == kProgram;
      };
      // It is this program still, with its sandbox on; exec takes a moment.
      for (int turns = 0; !executes() && turns < 1'000'000; ++turns)
        ::sched_yield();
      status = read_file(directory + "/status", 1 << 16).value_or("");
      limits = read_file(directory + "/limits", 1 << 16).value_or("");
    });
    const char* capabilities = starter == Starter::kRoot ? "0000000000000004" : "0000000000000000";
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"})
      EXPECT_THAT(status, HasSubstr(fmt::format("{}:\t{}\n", set, capabilities)));
    EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1\n"));
    EXPECT_THAT(status, HasSubstr("Seccomp:\t2\n"));
    EXPECT_THAT(limits, ContainsRegex("Max processes +1 +1 "));
    EXPECT_THAT(limits, ContainsRegex("Max open files +256 +256 "));
    EXPECT_THAT(limits, ContainsRegex("Max address space +268435456 +268435456 "));
    if (starter == Starter::kRoot) {
      EXPECT_THAT(status, HasSubstr("Uid:\t64321\t64321\t64321\t64321\n"));
      EXPECT_THAT(status, HasSubstr("Gid:\t64321\t64321\t64321\t64321\n"));
      EXPECT_THAT(status, HasSubstr("Groups:\t \n"));
      EXPECT_THAT(status, HasSubstr("CapBnd:\t0000000000000004\n"));
    }
  }
}

TEST_F(HostileProbe, MayFloodItsErrorsOfWhichTheFirstAreKept) {
  for (const Starter starter : starters()) {
    EXPECT_EQ(look({"error-output"}, starter).outcome(), v1::OUTCOME_OBSERVED);
  }
}

TEST_F(HostileProbe, StillAbortsAsAnyProgram) {
  refuses({"abort"}, EndsWith("was ended by SIGABRT"));
}

TEST_F(HostileProbe, OfTheNetworkConnectsAndSeesNoFile) {
  const SandboxDeclaration network{.reach = SandboxDeclaration::Reach::kNetwork};
  for (const Starter starter : starters()) {
    for (const Try attempt : {Try{"connect", "{port}"}, Try{"datagram"}, Try{"datagram-6"}}) {
      const v1::Section section = look(attempt, starter, network);
      EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED)
          << described(attempt) << ", " << name_of(starter) << ": " << section.reason();
    }
  }
  for (const Try attempt : std::to_array<Try>({
           {"read", "{declared}/file"},
           {"read", "/etc/passwd"},
           {"read", "/etc/hosts"},
           {"list", "{declared}"},
       })) {
    refuses(attempt, network, EndsWith("was refused: Permission denied"));
  }
  for (const Try attempt : std::to_array<Try>({{"listen"}, {"raw"}, {"packets"}, {"fork"}})) {
    refuses(attempt, network, HasSubstr(kForbidden));
  }
  for (const Try attempt :
       std::to_array<Try>({{"netlink"}, {"abstract-socket", "muster-hostile-{agent}"}})) {
    refuses(attempt, network, EndsWith("was refused: Address family not supported by protocol"));
  }
}

TEST_F(HostileProbe, OfTheNetworkReadsTheFilesThatItIsGivenAndNothingMoreOfThem) {
  const std::string given = directory_.path() + "/shared/file";
  const std::string secret = directory_.write("secret", "of root's alone", 0600);
  const std::string fifo = directory_.path() + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0666), 0);
  const std::vector<std::string_view> paths{given,       "/there/is/none",  fifo,
                                            "/dev/zero", directory_.path(), secret};
  const SandboxDeclaration network{.reach = SandboxDeclaration::Reach::kNetwork,
                                   .inherited = paths};
  for (const Starter starter : starters()) {
    const v1::Section section = look({"read-descriptor", "100"}, starter, network);
    EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  }
  // What it is given is the file, for reading: not its place, and not more.
  refuses({"write-descriptor", "100"}, network, EndsWith("was refused: Bad file descriptor"));
  for (const char* path : {"/proc/self/fd/100", "{shared}/file"}) {
    refuses({"read", path}, network, EndsWith("was refused: Permission denied"));
    refuses({"append", path}, network, ContainsRegex("was refused: |was ended by SIGSYS"));
  }
  // None of these holds whoever opens it, or stands for a file.
  for (const char* number : {"101", "102", "103", "104", "106"}) {
    refuses({"read-descriptor", number}, network, EndsWith("was refused: Bad file descriptor"));
  }
  // Who starts it decides what there is to give.
  if (::geteuid() == 0) {
    EXPECT_EQ(look({"read-descriptor", "105"}, Starter::kRoot, network).outcome(),
              v1::OUTCOME_OBSERVED);
    EXPECT_EQ(look({"read-descriptor", "105"}, Starter::kSomebody, network).outcome(),
              v1::OUTCOME_FAILED);
  }
}

TEST_F(HostileProbe, WithTemporaryFilesMakesNamelessOnesOnly) {
  SandboxDeclaration declaration = certificates().sandbox;
  declaration.temporary_files = true;
  for (const Starter starter : starters()) {
    EXPECT_EQ(look({"make-nameless-file", "/dev/shm"}, starter, declaration).outcome(),
              v1::OUTCOME_OBSERVED);
  }
  refuses({"execute-memory"}, declaration, HasSubstr(kForbidden));
  refuses({"make-nameless-file", "/var/tmp"}, declaration,
          EndsWith("was refused: Permission denied"));
  refuses({"make-file", "/dev/shm/muster-hostile"}, declaration,
          EndsWith("was refused: Read-only file system"));
  refuses({"append", "{shared}/file"}, declaration, EndsWith("was refused: Read-only file system"));
  refuses({"memory-as-file"}, declaration,
          EndsWith("write to a memfd was refused: File too large"));
}

}  // namespace
}  // namespace muster::agent
