// On a kernel that lacks one mechanism the others still hold a hostile probe, each as far as it
// reaches: the real kernel, with one call that is not there.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>

#include "agent/launcher/look_result.h"
#include "agent/sandbox/process_table.h"
#include "muster/v1/probe.pb.h"
#include "tests/agent/sandbox/hostile_look.h"
#include "tests/agent/sandbox/sandboxed_program.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr const char* kProgram = MUSTER_BUILD_DIRECTORY "/tests/hostile_probe";

class WithoutSeccomp : public SystemCalls {
 public:
  int set_seccomp_filter(const sock_fprog&) override { return refuse(); }

 private:
  static int refuse() {
    errno = ENOSYS;
    return -1;
  }
};

class WithoutLandlock : public SystemCalls {
 public:
  int landlock_version() override {
    errno = EOPNOTSUPP;
    return -1;
  }
};

class WithoutUser : public SystemCalls {
 public:
  int set_user_ids(uid_t) override {
    errno = EPERM;
    return -1;
  }
};

class OldLandlock : public SystemCalls {
 public:
  int landlock_version() override { return 1; }
};

class MissingMechanism : public ::testing::Test {
 protected:
  MissingMechanism() {
    ::chmod(directory_.path().c_str(), 0755);
    directory_.write("file", "everybody may read this", 0644);
  }

  // Of the hostile probe, which has no capability.
  std::string outcome_of(const std::string& act, const std::string& what, Starter starter,
                         SystemCalls& calls, Mechanism lacking) {
    v1::ProbeRequest message;
    message.set_root("/");
    v1::ProbeSetting& setting = *message.add_settings();
    setting.set_name("paths");
    setting.add_values("/try/" + act);
    setting.add_values(what);
    LaunchRequest request;
    request.program = kProgram;
    request.timeout = 20s;
    const SandboxedRun run = run_sandboxed(plan_of(declaration_, kProgram), starter,
                                           message.SerializeAsString(), request, calls);
    EXPECT_EQ(run.sandbox[static_cast<size_t>(lacking)].error == 0, lacking == Mechanism::kLimits);
    const v1::Section section = section_of(certificates(), request, run.result, TimePoint());
    return section.outcome() == v1::OUTCOME_OBSERVED ? "did it" : section.reason();
  }

  test::TemporaryDirectory directory_;
  SandboxDeclaration declaration_{.memory = uint64_t{256} << 20};
};

TEST_F(MissingMechanism, WithoutSeccompTheOthersRefuse) {
  WithoutSeccomp calls;
  struct {
    const char* act;
    std::string what;
    const char* refusal;
  } const tries[] = {
      {"fork", "", "fork was refused: Resource temporarily unavailable"},
      {"fork-bomb", "", "fork was refused: Resource temporarily unavailable"},
      {"threads", "", "pthread_create was refused: Resource temporarily unavailable"},
      {"execute-shell", "", "execve was refused: Permission denied"},
      {"read", "/etc/shadow", "open was refused: Permission denied"},
      {"read", directory_.file("file"), "open was refused: Permission denied"},
      {"make-file", "/tmp/muster-hostile", "open was refused: Permission denied"},
      {"make-directory", "/tmp/muster-hostile", "mkdir was refused: Permission denied"},
      {"trace", std::to_string(::getpid()), "ptrace was refused: Operation not permitted"},
      {"become-root", "", "setuid was refused: Operation not permitted"},
      {"mount", "", "mount was refused: Operation not permitted"},
      {"memory", "", "mmap was refused: Cannot allocate memory"},
  };
  for (const Starter starter : starters()) {
    for (const auto& attempt : tries) {
      EXPECT_THAT(outcome_of(attempt.act, attempt.what, starter, calls, Mechanism::kSeccomp),
                  HasSubstr(attempt.refusal))
          << attempt.act << ", " << name_of(starter);
    }
  }
}

TEST_F(MissingMechanism, WithoutLandlockTheOthersRefuse) {
  WithoutLandlock calls;
  for (const Starter starter : starters()) {
    const auto outcome = [&](const std::string& act, const std::string& what = "") {
      return outcome_of(act, what, starter, calls, Mechanism::kLandlock);
    };
    EXPECT_EQ(outcome("read", directory_.file("file")), "did it") << "only Landlock forbids it";
    EXPECT_THAT(outcome("read", "/etc/shadow"), HasSubstr("was refused: Permission denied"));
    EXPECT_THAT(outcome("read", fmt::format("/proc/{}/mem", ::getpid())),
                HasSubstr("was refused: Permission denied"));
    EXPECT_THAT(outcome("make-file", "/tmp/muster-hostile"), HasSubstr("Read-only file system"));
    EXPECT_THAT(outcome("execute-shell"), HasSubstr("its sandbox forbids"));
    EXPECT_THAT(outcome("connect", "1"), HasSubstr("its sandbox forbids"));
  }
}

// Stat is all that Landlock leaves of them; without it their files would open, of every container.
TEST_F(MissingMechanism, WithoutLandlockNoRootsOfProcessesAreGiven) {
  WithoutLandlock calls;
  declaration_.processes = SandboxDeclaration::Processes::kMappings;
  for (const Starter starter : starters()) {
    const auto outcome = [&](const std::string& act, const std::string& what) {
      return outcome_of(act, what, starter, calls, Mechanism::kLandlock);
    };
    EXPECT_EQ(outcome("read-descriptor", std::to_string(kProcessTableDescriptor)), "did it");
    EXPECT_THAT(outcome("read", fmt::format("/proc/self/fd/{}/etc/passwd", kFirstProcessRoot)),
                HasSubstr("open was refused: No such file or directory"));
  }
}

TEST_F(MissingMechanism, WithoutAUserOfItsOwnTheOthersRefuse) {
  WithoutUser calls;
  for (const Starter starter : starters()) {
    const auto outcome = [&](const std::string& act, const std::string& what = "") {
      return outcome_of(act, what, starter, calls, Mechanism::kUser);
    };
    EXPECT_THAT(outcome("read", "/etc/shadow"), HasSubstr("was refused: Permission denied"));
    EXPECT_THAT(outcome("make-file", "/root/muster-hostile"), HasSubstr("Read-only file system"));
    EXPECT_THAT(outcome("signal", std::to_string(::getpid())), HasSubstr("its sandbox forbids"));
    EXPECT_THAT(outcome("take-capabilities"), HasSubstr("its sandbox forbids"));
  }
}

TEST_F(MissingMechanism, TheOldestLandlockIsNotAMissingOne) {
  OldLandlock calls;
  for (const Starter starter : starters()) {
    EXPECT_THAT(outcome_of("read", directory_.file("file"), starter, calls, Mechanism::kLimits),
                HasSubstr("open was refused: Permission denied"));
  }
}

}  // namespace
}  // namespace muster::agent
