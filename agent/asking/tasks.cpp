#include "agent/asking/tasks.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// glibc 2.36 forgot that C++ may include it.
extern "C" {
#include <sys/pidfd.h>
}

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "common/descriptor.h"

namespace muster::answers {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Of a child: what it writes its ending to, unless it becomes a program.
constexpr int kEndingDescriptor = 3;
// What a process that was killed may take to be gone.
constexpr milliseconds kGrace(500);

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;

  bool make() {
    std::array<int, 2> ends{};
    // Both ends: a command's output is not to be found changed by it.
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    return ::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
  }
};

bool drop_rights(const Task& task, const AskOptions& options, agent::SystemCalls& calls) {
  // Without CAP_SETPCAP there is no way to any of them, since nothing is gained by executing.
  calls.drop_bounding_set_but(task.capabilities);
  if (!task.stays_root && options.asker &&
      (calls.set_groups({}) != 0 || calls.set_group_ids(options.asker->group) != 0 ||
       calls.set_user_ids(options.asker->user) != 0)) {
    return false;
  }
  return calls.set_capabilities(task.capabilities) == 0 && calls.set_no_new_privileges() == 0;
}

// One that is being asked.
struct Running {
  Answer* answer = nullptr;
  pid_t pid = -1;
  Descriptor ended;
  Pipe output;
  Pipe error_output;
  Pipe ending;
  Clock::time_point deadline;
  bool is_killed = false;

  [[noreturn]] void be_child(const Task& task, const AskOptions& options, agent::SystemCalls& calls,
                             pid_t parent) {
    ::setpgid(0, 0);
    ::umask(077);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    // Above all that are overwritten.
    const int told = ::fcntl(ending.write_end.get(), F_DUPFD_CLOEXEC, 100);
    const int error = ::fcntl(error_output.write_end.get(), F_DUPFD_CLOEXEC, 100);
    const int said = ::fcntl(output.write_end.get(), F_DUPFD_CLOEXEC, 100);
    if (::dup2(nothing, 0) < 0 || ::dup2(said, 1) < 0 || ::dup2(error, 2) < 0 ||
        ::dup3(told, kEndingDescriptor, O_CLOEXEC) < 0 ||
        ::close_range(kEndingDescriptor + 1, ~0U, 0) != 0 || ::chdir("/") != 0) {
      ::_exit(1);
    }
    Ending result{Outcome::kFailed, EPERM};
    const uid_t starter = ::geteuid();
    if (!drop_rights(task, options, calls)) {
      result.status = errno;
    } else if (::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent) {
      // The signal only now: a change of user takes it away.
      result = task.ask(starter);
    }
    ::_exit(::write(kEndingDescriptor, &result, sizeof result) == sizeof result ? 0 : 1);
  }

  // False with errno.
  bool start(const Task& task, const AskOptions& options, agent::SystemCalls& calls) {
    const pid_t parent = ::getpid();
    if (!output.make() || !error_output.make() || !ending.make()) return false;
    pid = ::fork();
    if (pid < 0) return false;
    if (pid == 0) be_child(task, options, calls, parent);
    // Here too, so that the group is there whoever runs first.
    ::setpgid(pid, pid);
    for (Pipe* const pipe : {&output, &error_output, &ending})
      pipe->write_end.reset(-1);
    ended.reset(::pidfd_open(pid, 0));
    deadline = Clock::now() + task.time;
    return ended.get() >= 0;
  }

  void kill(Outcome why) {
    ::kill(-pid, SIGKILL);
    if (!std::exchange(is_killed, true)) answer->outcome = why;
    deadline = Clock::now() + kGrace;
  }

  // What has come, of which what is beyond `most` is forgotten; not more than a pipe holds, so that
  // who is fast keeps nobody waiting. False if there was too much.
  static bool take(Descriptor& pipe, std::string& text, size_t most) {
    std::array<char, 1 << 16> block;
    const ssize_t count = pipe.get() < 0 ? -1 : ::read(pipe.get(), block.data(), block.size());
    if (count == 0) pipe.reset(-1);
    if (count <= 0) return true;
    const size_t room = most - text.size();
    text.append(block.data(), std::min(static_cast<size_t>(count), room));
    return static_cast<size_t>(count) <= room;
  }

  void listen() {
    if (is_killed) return;
    take(error_output.read_end, answer->error_text, kMostOfErrorText);
    if (!take(output.read_end, answer->text, kMostOfAnswer)) kill(Outcome::kTooLong);
  }

  // The process itself has ended, and its group goes with it while its id is still its own; whoever
  // else has its output is not waited for.
  void finish() {
    ::kill(-pid, SIGKILL);
    listen();
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (is_killed) return;
    Ending told;
    if (::read(ending.read_end.get(), &told, sizeof told) == sizeof told) {
      answer->outcome = told.outcome;
      answer->status = told.status;
      return;
    }
    answer->outcome = Outcome::kAnswered;
    answer->status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }
};

class Asking {
 public:
  Asking(const AskOptions& options, agent::SystemCalls& calls)
      : options_(options), calls_(calls), end_(Clock::now() + options.time) {}

  std::vector<Answer> run(const std::vector<Task>& tasks) {
    answers_.resize(tasks.size());
    for (size_t next = 0; next < tasks.size() || !running_.empty();) {
      if (next < tasks.size() && running_.size() < options_.at_once) {
        start(tasks[next], answers_[next]);
        ++next;
        continue;
      }
      turn();
    }
    return std::move(answers_);
  }

 private:
  void start(const Task& task, Answer& answer) {
    answer.name = task.name;
    Ending found = task.found;
    if (found.outcome == Outcome::kAnswered && Clock::now() >= end_)
      found = {Outcome::kTimedOut, 0};
    answer.outcome = found.outcome;
    answer.status = found.status;
    if (found.outcome != Outcome::kAnswered) return;
    Running asked;
    asked.answer = &answer;
    if (asked.start(task, options_, calls_)) {
      asked.deadline = std::min(asked.deadline, end_);
      running_.push_back(std::move(asked));
      return;
    }
    answer.outcome = Outcome::kFailed;
    answer.status = errno;
    if (asked.pid < 0) return;
    asked.kill(Outcome::kFailed);
    ::waitpid(asked.pid, nullptr, 0);
  }

  // Waits for the next thing to happen to any of those that run.
  void turn() {
    std::vector<pollfd> polled;
    auto next = Clock::time_point::max();
    for (const Running& asked : running_) {
      const bool heard = !asked.is_killed;
      polled.push_back({asked.ended.get(), POLLIN, 0});
      polled.push_back({heard ? asked.output.read_end.get() : -1, POLLIN, 0});
      polled.push_back({heard ? asked.error_output.read_end.get() : -1, POLLIN, 0});
      next = std::min(next, asked.deadline);
    }
    polled.push_back({options_.heard_by, 0, 0});
    const auto left = std::chrono::ceil<milliseconds>(next - Clock::now()).count();
    ::poll(polled.data(), polled.size(), static_cast<int>(std::max<int64_t>(left, 0)));
    const auto now = Clock::now();
    if (polled.back().revents != 0) {
      options_.heard_by = -1;
      end_ = now;
      for (Running& asked : running_)
        asked.kill(Outcome::kTimedOut);
    }
    for (size_t i = running_.size(); i-- > 0;) {
      Running& asked = running_[i];
      const bool has_ended = (polled[3 * i].revents & POLLIN) != 0;
      asked.listen();
      if (has_ended) {
        asked.finish();
      } else if (now < asked.deadline) {
        continue;
      } else if (!asked.is_killed) {
        asked.kill(Outcome::kTimedOut);
        continue;
      }
      // Or the kernel does not let go of it, and it is left behind.
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  AskOptions options_;
  agent::SystemCalls& calls_;
  Clock::time_point end_;
  std::vector<Answer> answers_;
  std::vector<Running> running_;
};

}  // namespace

std::vector<Answer> run_tasks(const std::vector<Task>& tasks, const AskOptions& options,
                              agent::SystemCalls& calls) {
  return Asking(options, calls).run(tasks);
}

bool say(const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

}  // namespace muster::answers
