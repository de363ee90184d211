#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tests/agent/sandbox/hostile_acts.h"

namespace muster::hostile {
namespace {

// A program that took the place of this one, a process or a thread that was made: they say so.
[[noreturn]] void end_as_done() {
  ::_exit(42);
}

Answer answer(const char* call, long returned) {
  return returned < 0 ? Answer{call, errno} : Answer{};
}

pid_t process_of(const std::string& what) {
  return what.empty() ? ::getppid() : static_cast<pid_t>(std::strtol(what.c_str(), nullptr, 10));
}

std::array<char*, 4> say_hello() {
  static char shell[] = "/bin/sh";
  static char option[] = "-c";
  static char command[] = "exit 42";
  return {shell, option, command, nullptr};
}

Answer execute_shell(const std::string&) {
  ::execv("/bin/sh", say_hello().data());
  return {"execve", errno};
}

// By the way that the launcher itself uses, with whatever descriptor is the shell's.
Answer execute_shell_by_descriptor(const std::string&) {
  std::array<char*, 1> environment{nullptr};
  for (int number = 3; number < 64; ++number) {
    ::execveat(number, "/bin/sh", say_hello().data(), environment.data(), AT_EMPTY_PATH);
  }
  return {"execveat", errno};
}

Answer execute_descriptor(const std::string& number) {
  std::array<char*, 1> environment{nullptr};
  const int descriptor = static_cast<int>(std::strtol(number.c_str(), nullptr, 10));
  ::fexecve(descriptor, say_hello().data(), environment.data());
  return {"fexecve", errno};
}

Answer execute_memory(const std::string&) {
  const int program = ::memfd_create("program", MFD_CLOEXEC);
  const std::string_view script = "#!/bin/sh\nexit 42\n";
  if (::write(program, script.data(), script.size()) < 0) return {"write to a memfd", errno};
  std::array<char*, 1> environment{nullptr};
  ::fexecve(program, say_hello().data(), environment.data());
  return {"execveat", errno};
}

Answer spawn_shell(const std::string&) {
  pid_t pid = 0;
  std::array<char*, 1> environment{nullptr};
  const int error =
      ::posix_spawn(&pid, "/bin/sh", nullptr, nullptr, say_hello().data(), environment.data());
  return error != 0 ? Answer{"posix_spawn", error} : Answer{};
}

Answer fork_once(const std::string&) {
  const pid_t pid = ::fork();
  if (pid == 0) end_as_done();
  return answer("fork", pid);
}

// Children that have children, of a number that a machine survives.
Answer fork_bomb(const std::string&) {
  for (int generation = 0; generation < 8; ++generation) {
    if (::fork() < 0) return {"fork", errno};
  }
  ::sleep(2);
  return {};
}

// Out of the group and the session, where a kill of the group does not find it.
Answer leave(const std::string&) {
  const pid_t pid = ::fork();
  if (pid < 0) return {"fork", errno};
  if (pid == 0) {
    ::setsid();
    ::sleep(5);
    ::_exit(0);
  }
  return {};
}

void* rest(void*) {
  ::sleep(2);
  return nullptr;
}

Answer start_threads(const std::string&) {
  for (int count = 0; count < 200; ++count) {
    pthread_t thread{};
    if (const int error = ::pthread_create(&thread, nullptr, rest, nullptr); error != 0) {
      return {"pthread_create", error};
    }
  }
  return {};
}

Answer clone_by_its_newest_way(const std::string&) {
  struct {
    uint64_t words[11];
  } arguments{};
  arguments.words[0] = CLONE_NEWUSER;
  arguments.words[4] = SIGCHLD;
  const long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid == 0) end_as_done();
  return answer("clone3", pid);
}

Answer read_memory_of(const std::string& what) {
  char byte = 0;
  iovec own{&byte, 1};
  iovec other{const_cast<char*>("x"), 1};
  return answer("process_vm_readv", ::process_vm_readv(process_of(what), &own, 1, &other, 1, 0));
}

Answer take_descriptor_of(const std::string& what) {
  const long process = ::syscall(SYS_pidfd_open, process_of(what), 0);
  if (process < 0) return {"pidfd_open", errno};
  return answer("pidfd_getfd", ::syscall(SYS_pidfd_getfd, process, 0, 0));
}

Answer take_capabilities(const std::string&) {
  struct Free {
    void operator()(cap_t state) const { ::cap_free(state); }
  };
  const std::unique_ptr<std::remove_pointer_t<cap_t>, Free> all(::cap_from_text("=eip"));
  return answer("capset", ::cap_set_proc(all.get()));
}

constexpr auto kActs = std::to_array<Act>({
    {"execute-shell", execute_shell},
    {"execute-shell-by-descriptor", execute_shell_by_descriptor},
    {"execute-descriptor", execute_descriptor},
    {"execute-memory", execute_memory},
    {"spawn-shell", spawn_shell},
    {"fork", fork_once},
    {"fork-bomb", fork_bomb},
    {"leave", leave},
    {"leave-session", [](const std::string&) { return answer("setsid", ::setsid()); }},
    {"threads", start_threads},
    {"clone3", clone_by_its_newest_way},
    {"trace",
     [](const std::string& what) {
       return answer("ptrace", ::ptrace(PTRACE_SEIZE, process_of(what), nullptr, nullptr));
     }},
    {"read-memory-of", read_memory_of},
    {"take-descriptor-of", take_descriptor_of},
    {"signal",
     [](const std::string& what) { return answer("kill", ::kill(process_of(what), SIGCONT)); }},
    {"signal-everybody", [](const std::string&) { return answer("kill", ::kill(-1, 0)); }},
    {"become-root", [](const std::string&) { return answer("setuid", ::setuid(0)); }},
    {"join-group-of-root", [](const std::string&) { return answer("setgid", ::setgid(0)); }},
    {"take-groups",
     [](const std::string&) { return answer("setgroups", ::setgroups(0, nullptr)); }},
    {"take-capabilities", take_capabilities},
});

}  // namespace

std::span<const Act> acts_on_processes() {
  return kActs;
}

}  // namespace muster::hostile
