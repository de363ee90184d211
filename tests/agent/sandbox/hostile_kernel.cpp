#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "tests/agent/sandbox/hostile_acts.h"

namespace muster::hostile {
namespace {

Answer answer(const char* call, long returned) {
  return returned < 0 ? Answer{call, errno} : Answer{};
}

Answer make_ring(const std::string&) {
  io_uring_params parameters{};
  return answer("io_uring_setup", ::syscall(SYS_io_uring_setup, 1, &parameters));
}

Answer make_bpf_map(const std::string&) {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  return answer("bpf", ::syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes));
}

Answer count_events(const std::string&) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.size = sizeof attributes;
  attributes.config = PERF_COUNT_SW_TASK_CLOCK;
  attributes.exclude_kernel = 1;
  return answer("perf_event_open", ::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

Answer add_key(const std::string&) {
  constexpr int kProcessKeyring = -2;
  return answer("add_key",
                ::syscall(SYS_add_key, "user", "muster-hostile", "x", 1, kProcessKeyring));
}

Answer raise_limit(const std::string&) {
  const rlimit wanted{RLIM_INFINITY, RLIM_INFINITY};
  return answer("setrlimit", ::setrlimit(RLIMIT_AS, &wanted));
}

Answer type_into_terminal(const std::string&) {
  char letter = 'x';
  return answer("ioctl", ::ioctl(0, TIOCSTI, &letter));
}

// The numbers of another architecture mean other calls: 20 is getpid of i386, and writev here.
Answer call_as_i386(const std::string&) {
#if defined(__x86_64__)
  long result = 20;
  asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
  return result < 0 ? Answer{"getpid of i386", static_cast<int>(-result)} : Answer{};
#else
  return {"there is no i386 here", ENOSYS};
#endif
}

constexpr auto kActs = std::to_array<Act>({
    {"forbid-dumps",
     [](const std::string&) { return answer("prctl", ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)); }},
    {"allow-dumps",
     [](const std::string&) { return answer("prctl", ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }},
    {"mount",
     [](const std::string&) {
       return answer("mount", ::mount("none", "/tmp", "tmpfs", MS_RDONLY, nullptr));
     }},
    {"change-root", [](const std::string&) { return answer("chroot", ::chroot("/")); }},
    {"unshare-user",
     [](const std::string&) { return answer("unshare", ::unshare(CLONE_NEWUSER)); }},
    {"unshare-mounts",
     [](const std::string&) { return answer("unshare", ::unshare(CLONE_NEWNS)); }},
    {"enter-namespace", [](const std::string&) { return answer("setns", ::setns(0, 0)); }},
    {"ring", make_ring},
    {"bpf", make_bpf_map},
    {"events", count_events},
    {"key", add_key},
    {"page-faults",
     [](const std::string&) { return answer("userfaultfd", ::syscall(SYS_userfaultfd, 1)); }},
    {"load-module",
     [](const std::string&) {
       return answer("init_module", ::syscall(SYS_init_module, nullptr, 0, ""));
     }},
    {"read-kernel-log",
     [](const std::string&) {
       constexpr int kSizeOfBuffer = 10;
       return answer("syslog", ::syscall(SYS_syslog, kSizeOfBuffer, nullptr, 0));
     }},
    {"raise-limit", raise_limit},
    {"type-into-terminal", type_into_terminal},
    {"call-as-i386", call_as_i386},
});

}  // namespace

std::span<const Act> acts_on_the_kernel() {
  return kActs;
}

}  // namespace muster::hostile
