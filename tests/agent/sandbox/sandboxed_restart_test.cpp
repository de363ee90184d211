// The probe "restart" in its sandbox: it is told what every process executes, and can look into
// none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "agent/launcher/look_result.h"
#include "agent/looking/probe_list.h"
#include "muster/v1/probe.pb.h"
#include "muster/v1/restart_facts.pb.h"
#include "tests/agent/sandbox/sandboxed_program.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const ProbeRow& restart_row() {
  return *std::find_if(all_probes().begin(), all_probes().end(),
                       [](const ProbeRow& row) { return row.name == "restart"; });
}

std::string build_path(std::string_view file) {
  return std::string(MUSTER_BUILD_DIRECTORY) + "/" + std::string(file);
}

// What is in a directory for temporary files is nobody's package, and the probe leaves it out: the
// build may be there.
std::string place_of_packages() {
  const std::string tests = build_path("tests");
  if (!tests.starts_with("/tmp/") && !tests.starts_with("/var/tmp/")) return tests;
  const char* const home = std::getenv("HOME");
  return ::geteuid() == 0 || home == nullptr ? "/var/lib" : home;
}

// A program of root's, or of whoever runs the test, whose library was removed under it.
class StaleProgram {
 public:
  StaleProgram() {
    std::string name = place_of_packages() + "/muster-sandboxed-restart-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    directory_ = name;
    std::filesystem::copy_file(build_path("tests/libstale_library.so"), library());
    std::array<int, 2> input{};
    std::array<int, 2> output{};
    if (::pipe(input.data()) != 0 || ::pipe(output.data()) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(input[0], STDIN_FILENO);
      ::dup2(output[1], STDOUT_FILENO);
      ::close(input[1]);
      const std::string path = build_path("tests/stale_program");
      ::execl(path.c_str(), path.c_str(), library().c_str(), nullptr);
      ::_exit(127);
    }
    ::close(input[0]);
    ::close(output[1]);
    input_ = input[1];
    char byte = 0;
    EXPECT_EQ(::read(output[0], &byte, 1), 1);
    ::close(output[0]);
    std::filesystem::remove(library());
  }
  ~StaleProgram() {
    ::close(input_);
    ::waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  StaleProgram(const StaleProgram&) = delete;
  StaleProgram& operator=(const StaleProgram&) = delete;

  std::string library() const { return directory_ + "/library.so"; }

 private:
  std::string directory_;
  pid_t pid_ = -1;
  int input_ = -1;
};

class SandboxedRestart : public ::testing::Test {
 protected:
  static v1::RestartFacts look(const SandboxDeclaration& declaration, Starter starter) {
    LaunchRequest request;
    request.program = build_path("libexec/muster/probes/muster-probe-restart");
    request.timeout = 60s;
    v1::ProbeRequest message;
    message.set_root("/");
    const SandboxedRun run = run_sandboxed(plan_of(declaration, request.program), starter,
                                           message.SerializeAsString(), request);
    for (const MechanismResult& mechanism : run.sandbox) {
      if (starter == Starter::kRoot) {
        EXPECT_EQ(mechanism.error, 0) << mechanism.call;
      }
    }
    const v1::Section section = section_of(restart_row(), request, run.result, TimePoint());
    reason = section.reason();
    v1::RestartFacts facts;
    facts.ParseFromString(section.facts());
    return facts;
  }
  static std::vector<std::string> files_of(const v1::RestartFacts& facts) {
    std::vector<std::string> files;
    for (const v1::StaleService& service : facts.stale_services())
      files.insert(files.end(), service.files().begin(), service.files().end());
    return files;
  }

  static inline std::string reason;
};

TEST_F(SandboxedRestart, SeesTheProcessesOfAllWhereRootStartsIt) {
  const StaleProgram program;
  for (const Starter starter : starters()) {
    const v1::RestartFacts facts = look(restart_row().sandbox, starter);
    EXPECT_GT(facts.processes() + facts.processes_unreadable(), 0U) << reason;
    const bool sees_all = starter == Starter::kRoot || ::geteuid() != 0;
    if (sees_all) {
      EXPECT_THAT(files_of(facts), Contains(program.library())) << reason;
    } else {
      EXPECT_GT(facts.processes_unreadable(), 0U);
      EXPECT_THAT(facts.problems(), Contains(HasSubstr("could not be read")));
      EXPECT_THAT(files_of(facts), Not(Contains(program.library())));
    }
  }
}

// The table is all that it has: without it, /proc is closed.
TEST_F(SandboxedRestart, CanLookIntoNoProcessItself) {
  SandboxDeclaration declaration = restart_row().sandbox;
  EXPECT_EQ(declaration.capabilities, 0U);
  declaration.processes = SandboxDeclaration::Processes::kNone;
  for (const Starter starter : starters()) {
    const v1::RestartFacts facts = look(declaration, starter);
    EXPECT_THAT(files_of(facts), IsEmpty());
    EXPECT_EQ(facts.processes(), 0U);
    EXPECT_THAT(reason, HasSubstr("no table of the processes"));
  }
}

}  // namespace
}  // namespace muster::agent
