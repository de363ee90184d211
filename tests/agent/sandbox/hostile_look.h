// A probe that has been taken over, put in the place of a real one, and what its look gave: what
// the tests of the sandbox try it with.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "agent/launcher/look_result.h"
#include "agent/looking/probe_list.h"
#include "muster/v1/probe.pb.h"
#include "tests/agent/sandbox/hostile_acts.h"
#include "tests/agent/sandbox/sandboxed_program.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {

inline constexpr const char* kHostileProgram = MUSTER_BUILD_DIRECTORY "/tests/hostile_probe";

// The row whose place the hostile probe takes: the one that may most.
inline const ProbeRow& certificates() {
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

inline std::string described(const Try& attempt) {
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
                   Duration timeout = std::chrono::seconds(20),
                   const std::function<void(pid_t)>& meanwhile = {}) {
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
    request.program = kHostileProgram;
    request.timeout = timeout;
    request.targets = targets_;
    SandboxPlan plan = plan_of(declaration, kHostileProgram, {directory_.path() + "/declared"});
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
  // What the probe is given to look at.
  std::optional<std::string> targets_;

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

inline constexpr const char* kForbidden = "made a system call that its sandbox forbids";

}  // namespace muster::agent
