#include "agent/launcher_program/request_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "agent/config/config_owner.h"
#include "agent/launcher/memory_file.h"
#include "agent/launcher_program/child.h"

namespace muster::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kTimeLimit(10);
constexpr size_t kErrorOutputLimit = 4096;

std::string because(const std::string& what, int error) {
  return what + ": " + ::strerrordesc_np(error);
}

// What is there, of a pipe that poll() has named; beyond `limit` it is read and forgotten. False at
// the end.
bool read_some(int descriptor, std::string& text, size_t limit) {
  std::array<char, 4096> block{};
  const ssize_t count = ::read(descriptor, block.data(), block.size());
  if (count < 0) return errno == EINTR;
  text.append(block.data(), std::min(static_cast<size_t>(count), limit - text.size()));
  return count > 0;
}

// Both outputs to their end; false with the reason.
bool read_outputs(const Pipe& output, const Pipe& error_output, std::string& bytes,
                  std::string& errors, std::string& why) {
  const auto deadline = Clock::now() + kTimeLimit;
  bool more = true;
  bool more_errors = true;
  while (more || more_errors) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    std::array<pollfd, 2> polled{{{more ? output.read_end.get() : -1, POLLIN, 0},
                                  {more_errors ? error_output.read_end.get() : -1, POLLIN, 0}}};
    if (left <= 0 ||
        (::poll(polled.data(), polled.size(), static_cast<int>(left)) < 0 && errno != EINTR)) {
      why = "it was not read within ten seconds";
      return false;
    }
    if (polled[0].revents != 0) {
      more = read_some(output.read_end.get(), bytes, kRequestTableLimit + 1);
    }
    if (bytes.size() > kRequestTableLimit) {
      why = "muster-agent probe-requests wrote more than 4 MiB";
      return false;
    }
    if (polled[1].revents != 0) {
      more_errors = read_some(error_output.read_end.get(), errors, kErrorOutputLimit);
    }
  }
  return true;
}

std::string describe_end(const Child& child, int status, const std::string& errors) {
  ChildFailure failure;
  if (read_failure(child, failure)) return because(step_name(failure.step), failure.error);
  if (WIFSIGNALED(status)) return "it was ended by signal " + std::to_string(WTERMSIG(status));
  return errors.empty() ? "it ended with status " + std::to_string(WEXITSTATUS(status)) : errors;
}

}  // namespace

bool read_requests(const RequestSource& source, SystemCalls& calls, RequestTable& table,
                   std::string& why) {
  const OpenedConfig config =
      source.config.empty()
          ? OpenedConfig{.file = memory_file("muster-no-configuration", ""), .why = {}, .error = 0}
          : open_config(source.config);
  if (config.file.get() < 0) {
    why = config.why;
    return false;
  }
  const Descriptor program(::open(source.agent_program.c_str(), O_PATH | O_CLOEXEC));
  Pipe output;
  Pipe error_output;
  if (program.get() < 0 || !make_pipe(output) || !make_pipe(error_output)) {
    why = because(source.agent_program, errno);
    return false;
  }
  ChildPlan plan;
  plan.sandbox.program = program.get();
  plan.sandbox.program_path = source.agent_program;
  plan.sandbox.user = source.user;
  plan.sandbox.group = source.group;
  plan.sandbox.cpu_seconds = kTimeLimit.count();
  plan.standard = {config.file.get(), output.write_end.get(), error_output.write_end.get()};
  plan.arguments = {source.agent_program, "probe-requests", "--root", source.root};
  plan.arguments.push_back(source.config.empty() ? "--no-settings" : "--name");
  if (!source.config.empty()) plan.arguments.push_back(source.config);
  if (source.any_target) plan.arguments.emplace_back("--any-target");
  Child child;
  ChildFailure failure;
  if (!start_child(plan, calls, child, failure)) {
    why = because(step_name(failure.step), failure.error);
    return false;
  }
  output.write_end.reset(-1);
  error_output.write_end.reset(-1);
  std::string bytes;
  std::string errors;
  const bool all_read = read_outputs(output, error_output, bytes, errors, why);
  if (!all_read) ::kill(-child.pid, SIGKILL);
  int status = 0;
  while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!all_read) return false;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    why = describe_end(child, status, errors);
  } else if (auto parsed = parse_request_table(bytes, source.rows)) {
    table = *std::move(parsed);
    return true;
  } else {
    why = "muster-agent probe-requests is of another version than this launcher";
  }
  return false;
}

}  // namespace muster::agent
