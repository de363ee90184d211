#include "agent/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// glibc 2.36 forgot that C++ may include it.
extern "C" {
#include <sys/pidfd.h>
}

#include <array>
#include <cerrno>

#include "common/files.h"

namespace muster::agent {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Sanitizers map terabytes of shadow memory.
constexpr rlim_t kAddressSpace = RLIM_INFINITY;
#else
constexpr rlim_t kAddressSpace = rlim_t{1} << 30;
#endif
constexpr rlim_t kOpenFiles = 256;
// Not 0: where lists are kept compressed, libapt-pkg unpacks them into unlinked temporary files.
constexpr rlim_t kFileSize = rlim_t{512} << 20;

enum Step { kDescriptors, kGroup, kDeathSignal, kLimits, kPrivileges, kDirectory, kProgram };
constexpr std::array<const char*, 7> kStepNames{"passing its descriptors",
                                                "making its process group",
                                                "tying it to the agent's life",
                                                "setting its limits",
                                                "taking its way to privileges",
                                                "entering /",
                                                "starting it"};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

absl::StatusOr<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_status(errno, "making a pipe");
  Pipe made{Descriptor(ends[0]), Descriptor(ends[1])};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return made;
}

// A file in memory rather than a pipe: the child reads at its own pace, and a child that does not
// read costs no write that blocks and no SIGPIPE.
absl::StatusOr<Descriptor> memory_file(const std::string& content) {
  Descriptor file(::memfd_create("muster-probe-request", MFD_CLOEXEC));
  if (file.get() < 0) return errno_status(errno, "making the request's memory file");
  size_t written = 0;
  while (written < content.size()) {
    const ssize_t count = ::write(file.get(), content.data() + written, content.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_status(errno, "writing the request's memory file");
    written += static_cast<size_t>(count);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// ---- From here to exec runs in the child, between fork and exec of a process that may have other
// threads: only async-signal-safe calls, no allocation.

[[noreturn]] void fail(int channel, Step step) {
  const ExecFailure failure{step, errno};
  // Nobody is left to hear of an error here.
  [[maybe_unused]] const ssize_t ignored = ::write(channel, &failure, sizeof failure);
  ::_exit(127);
}

bool set_limit(__rlimit_resource resource, rlim_t soft, rlim_t hard) {
  rlimit wanted{soft, hard};
  rlimit current{};
  if (::getrlimit(resource, &current) == 0 && current.rlim_max < hard) {
    wanted = {current.rlim_max < soft ? current.rlim_max : soft, current.rlim_max};
  }
  return ::setrlimit(resource, &wanted) == 0;
}

bool set_limit(__rlimit_resource resource, rlim_t limit) {
  return set_limit(resource, limit, limit);
}

[[noreturn]] void become(const char* program, std::array<int, 3> standard, int channel,
                         pid_t parent, rlim_t cpu_seconds) {
  // Above the standard ones first, so that no dup2 overwrites a source.
  for (int& descriptor : standard) {
    descriptor = ::fcntl(descriptor, F_DUPFD, 10);
    if (descriptor < 0) fail(channel, kDescriptors);
  }
  const int kept = ::fcntl(channel, F_DUPFD, 10);
  if (kept < 0) fail(channel, kDescriptors);
  for (int i = 0; i < 3; ++i) {
    if (::dup2(standard[static_cast<size_t>(i)], i) < 0) fail(kept, kDescriptors);
  }
  if (::dup3(kept, 3, O_CLOEXEC) < 0 || ::close_range(4, ~0U, 0) != 0) fail(kept, kDescriptors);
  channel = 3;

  if (::setpgid(0, 0) != 0) fail(channel, kGroup);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail(channel, kDeathSignal);
  // The agent may have ended before the line above.
  if (::getppid() != parent) ::_exit(127);

  struct sigaction normal {};
  normal.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal)
    ::sigaction(signal, &normal, nullptr);
  // A write to a file is an error for the probe, not its end.
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &ignored, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);

  if (!set_limit(RLIMIT_CORE, 0) || !set_limit(RLIMIT_NOFILE, kOpenFiles) ||
      !set_limit(RLIMIT_FSIZE, kFileSize) || !set_limit(RLIMIT_AS, kAddressSpace) ||
      // SIGXCPU at the first, which says what happened; SIGKILL for who ignores it.
      !set_limit(RLIMIT_CPU, cpu_seconds, cpu_seconds + 1)) {
    fail(channel, kLimits);
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(channel, kPrivileges);
  if (::chdir("/") != 0) fail(channel, kDirectory);
  ::umask(077);

  std::array<char*, 2> arguments{const_cast<char*>(program), nullptr};
  char locale[] = "LC_ALL=C";
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  std::array<char*, 3> environment{locale, path, nullptr};
  ::execve(program, arguments.data(), environment.data());
  fail(channel, kProgram);
}

}  // namespace

void Descriptor::reset(int descriptor) {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = descriptor;
}

const char* step_name(int step) {
  const auto index = static_cast<size_t>(step);
  return index < kStepNames.size() ? kStepNames[index] : "starting it";
}

absl::StatusOr<ChildProcess> start_child(const std::string& program, const std::string& input,
                                         Duration cpu_limit) {
  absl::StatusOr<Descriptor> request = memory_file(input);
  if (!request.ok()) return request.status();
  absl::StatusOr<Pipe> output = make_pipe();
  if (!output.ok()) return output.status();
  absl::StatusOr<Pipe> error_output = make_pipe();
  if (!error_output.ok()) return error_output.status();
  absl::StatusOr<Pipe> failure = make_pipe();
  if (!failure.ok()) return failure.status();
  const auto cpu_seconds =
      static_cast<rlim_t>(std::chrono::ceil<std::chrono::seconds>(cpu_limit).count());

  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return errno_status(errno, "forking");
  if (pid == 0) {
    become(program.c_str(),
           {request->get(), output->write_end.get(), error_output->write_end.get()},
           failure->write_end.get(), parent, cpu_seconds);
  }
  // Here too, so that the group exists whoever runs first. It fails once the child has run exec,
  // when it is no longer needed.
  ::setpgid(pid, pid);
  ChildProcess child;
  child.pid = pid;
  child.ended.reset(::pidfd_open(pid, 0));
  if (child.ended.get() < 0) {
    const int error = errno;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return errno_status(error, "watching the process");
  }
  child.output = std::move(output->read_end);
  child.error_output = std::move(error_output->read_end);
  child.exec_failure = std::move(failure->read_end);
  return child;
}

}  // namespace muster::agent
