// A probe that has been taken over tries what it must not. Each try is refused or bounded, whoever
// started it, and the section says what happened.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <string>

#include "common/files.h"
#include "tests/agent/sandbox/hostile_look.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;

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
           {"read", "/etc/hosts"},
           {"read", "/proc/{agent}/mem"},
           {"read", "/proc/{agent}/environ"},
           {"read", "/proc/{agent}/maps"},
           {"read", "/proc/{agent}/cmdline"},
           {"read", "/proc/{agent}/root/etc/hosts"},
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

// What it is given tells of processes and lets it into none: not by their roots, which it has open
// to look for files in, and not by the capability of who made the table.
TEST_F(HostileProbe, ThatIsToldOfTheProcessesOpensNothingOfTheirs) {
  const SandboxDeclaration told{.processes = SandboxDeclaration::Processes::kMappings};
  for (const Starter starter : starters()) {
    const v1::Section section = look({"read-descriptor", "97"}, starter, told);
    EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  }
  refuses({"write-descriptor", "97"}, told, ContainsRegex("was refused: |was ended by SIGXFSZ"));
  refuses({"read-descriptor", "128"}, told, EndsWith("was refused: Bad file descriptor"));
  for (const char* path :
       {"/proc/self/fd/128/etc/passwd", "/proc/self/fd/128{shared}/file", "/proc/{agent}/mem",
        "/proc/{agent}/environ", "/proc/{agent}/maps", "/proc/{agent}/root/etc/passwd"}) {
    refuses({"read", path}, told, EndsWith("was refused: Permission denied"));
    refuses({"append", path}, told, ContainsRegex("was refused: "));
  }
  refuses({"list", "/proc/self/fd/128/"}, told, EndsWith("was refused: Permission denied"));
  refuses({"trace", "{agent}"}, told, HasSubstr(kForbidden));
  refuses({"read-memory-of", "{agent}"}, told, HasSubstr(kForbidden));
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
  refuses({"allow-dumps"}, EndsWith("prctl was refused: Function not implemented"));
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
        return std::filesystem::read_symlink(directory + "/exe", ignored) == kHostileProgram;
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
