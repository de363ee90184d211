#include "agent/sandbox/seccomp_filter.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/sandbox/sanitized_build.h"
#include "agent/sandbox/seccomp_calls.h"

namespace muster::agent {
namespace {

constexpr uint32_t kAllow = SCMP_ACT_ALLOW;
constexpr uint32_t kKill = SCMP_ACT_KILL_PROCESS;
constexpr uint32_t refuse(int error) {
  return SCMP_ACT_ERRNO(static_cast<uint32_t>(error));
}

// Conditions on one argument of a call, counted from 0.
using Argument = scmp_arg_cmp;
constexpr Argument equal(unsigned index, uint64_t value) {
  return {.arg = index, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}
constexpr Argument unequal(unsigned index, uint64_t value) {
  return {.arg = index, .op = SCMP_CMP_NE, .datum_a = value, .datum_b = 0};
}
constexpr Argument masked(unsigned index, uint64_t mask, uint64_t value) {
  return {.arg = index, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

// What a network probe sets on a socket. Anything else is not there, as on an older kernel: most of
// what the kernel can do with a socket begins with an option.
constexpr std::array<std::pair<int, int>, 8> kSocketOptions{{{SOL_SOCKET, SO_KEEPALIVE},
                                                             {SOL_SOCKET, SO_LINGER},
                                                             {SOL_SOCKET, SO_RCVBUF},
                                                             {SOL_SOCKET, SO_SNDBUF},
                                                             {IPPROTO_TCP, TCP_NODELAY},
                                                             {IPPROTO_TCP, TCP_SYNCNT},
                                                             {IPPROTO_TCP, TCP_USER_TIMEOUT},
                                                             {IPPROTO_IPV6, IPV6_V6ONLY}}};

struct ReleaseFilter {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};

// Collects rules until one is refused. A rule for a call that this architecture does not have is
// none.
class Rules {
 public:
  Rules() : filter_(::seccomp_init(refuse(ENOSYS))) {
    if (filter_ == nullptr) {
      error_ = ENOMEM;
      return;
    }
    // Another architecture's calls, by which a filter of numbers is walked around.
    check(::seccomp_attr_set(filter_.get(), SCMP_FLTATR_ACT_BADARCH, kKill));
    // The sandbox sets no_new_privs itself, and says what became of it.
    check(::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_NNP, 0));
    // A search tree rather than a list: a look makes thousands of calls.
    check(::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));
  }

  void add(uint32_t action, const char* name, std::initializer_list<Argument> arguments = {}) {
    const int number = ::seccomp_syscall_resolve_name(name);
    // Negative ones are libseccomp's own, for calls of other architectures.
    if (number < 0 || error_ != 0) return;
    const int added = ::seccomp_rule_add_array(
        filter_.get(), action, number, static_cast<unsigned>(arguments.size()), arguments.begin());
    if (added != -EEXIST) check(added);
  }

  void add_all(uint32_t action, std::string_view names) {
    while (!names.empty()) {
      const size_t end = std::min(names.find(' '), names.size());
      add(action, std::string(names.substr(0, end)).c_str());
      names.remove_prefix(std::min(end + 1, names.size()));
    }
  }

  // 0 or an errno.
  int compile(std::vector<sock_filter>& program) {
    if (error_ != 0) return error_;
    const int file = ::memfd_create("seccomp-filter", MFD_CLOEXEC);
    if (file < 0) return errno;
    check(::seccomp_export_bpf(filter_.get(), file));
    const off_t size = ::lseek(file, 0, SEEK_END);
    if (error_ == 0 && size > 0) {
      program.resize(static_cast<size_t>(size) / sizeof(sock_filter));
      if (::pread(file, program.data(), static_cast<size_t>(size), 0) != size) check(-EIO);
    }
    ::close(file);
    return error_;
  }

 private:
  void check(int returned) {
    if (returned < 0 && error_ == 0) error_ = -returned;
  }

  std::unique_ptr<void, ReleaseFilter> filter_;
  int error_ = 0;
};

// Opening to read; and of files to write only nameless ones, where declared.
void add_opening(Rules& rules, const SandboxDeclaration& declaration) {
  constexpr uint64_t kNameless = O_TMPFILE & ~O_DIRECTORY;
  constexpr uint64_t kWays = O_ACCMODE | O_CREAT | O_TRUNC | kNameless;
  for (const auto& [name, flags] : {std::pair("open", 1U), std::pair("openat", 2U)}) {
    if (declaration.children) {
      // A shell says >/dev/null; Landlock says which files.
      rules.add(kAllow, name);
      continue;
    }
    rules.add(kAllow, name, {masked(flags, kWays, O_RDONLY)});
    if (declaration.temporary_files) {
      rules.add(kAllow, name, {masked(flags, kWays, kNameless | O_RDWR)});
    }
    rules.add(refuse(EROFS), name, {masked(flags, O_CREAT, O_CREAT)});
    rules.add(refuse(EROFS), name, {masked(flags, O_ACCMODE | kNameless, O_WRONLY)});
    rules.add(refuse(EROFS), name, {masked(flags, O_ACCMODE | kNameless, O_RDWR)});
  }
}

void add_processes(Rules& rules, const SandboxDeclaration& declaration, int program_descriptor,
                   pid_t self) {
  if (declaration.children) return rules.add_all(kAllow, calls::kChildren);
  for (const char* name : {"fork", "vfork", "execve"})
    rules.add(kKill, name);
  // clone3 has its flags in memory, where no filter sees them: it does not exist, and libc tries
  // clone then.
  rules.add(kKill, "clone");
  // The start of the probe itself. The descriptor closes with it.
  const auto program = static_cast<uint64_t>(program_descriptor);
  rules.add(kAllow, "execveat", {equal(0, program), equal(4, AT_EMPTY_PATH)});
  rules.add(kKill, "execveat", {unequal(0, program)});
  // abort(3) and raise(3).
  const auto own = static_cast<uint64_t>(self);
  for (const char* name : {"kill", "tgkill"}) {
    rules.add(kAllow, name, {equal(0, own)});
    rules.add(kKill, name, {unequal(0, own)});
  }
}

constexpr uint64_t kType = 0xf;  // the rest of the argument is SOCK_CLOEXEC and SOCK_NONBLOCK

// One protocol of netlink, and no socket but that.
void add_socket_list(Rules& rules) {
  rules.add(kAllow, "socket",
            {equal(0, AF_NETLINK), masked(1, kType, SOCK_RAW), equal(2, NETLINK_SOCK_DIAG)});
  rules.add(kKill, "socket", {unequal(0, AF_NETLINK)});
  rules.add(kKill, "socket", {unequal(2, NETLINK_SOCK_DIAG)});
  rules.add_all(kAllow, "recv recvfrom send sendto");
}

void add_sockets(Rules& rules, const SandboxDeclaration& declaration) {
  if (declaration.reach == SandboxDeclaration::Reach::kFiles) {
    if (declaration.socket_list) add_socket_list(rules);
    if (declaration.system_bus) rules.add_all(kAllow, calls::kConnectedSocket);
    // i386 and s390 make sockets by socketcall.
    for (const char* name : {"socket", "socketpair", "socketcall"}) {
      if (!declaration.socket_list || name != std::string_view("socket")) rules.add(kKill, name);
    }
    return;
  }
  rules.add_all(kAllow, calls::kSockets);
  for (const int family : {AF_INET, AF_INET6}) {
    const Argument is_family = equal(0, static_cast<uint64_t>(family));
    // TCP and UDP, and none of the protocols that the kernel would load a module for.
    for (const auto& [type, protocol] :
         {std::pair(SOCK_STREAM, IPPROTO_TCP), std::pair(SOCK_DGRAM, IPPROTO_UDP)}) {
      const Argument is_type = masked(1, kType, static_cast<uint64_t>(type));
      rules.add(kAllow, "socket", {is_family, is_type, equal(2, 0)});
      rules.add(kAllow, "socket", {is_family, is_type, equal(2, static_cast<uint64_t>(protocol))});
    }
    rules.add(kKill, "socket", {is_family, masked(1, kType, SOCK_RAW)});
  }
  for (const auto& [level, option] : kSocketOptions) {
    rules.add(kAllow, "setsockopt",
              {equal(1, static_cast<uint64_t>(level)), equal(2, static_cast<uint64_t>(option))});
  }
  // How Asio has a socket not block.
  rules.add(kAllow, "ioctl", {equal(1, FIONBIO)});
  rules.add(kKill, "socket", {equal(0, AF_PACKET)});
  // getaddrinfo(3) asks for these and goes on without.
  rules.add(refuse(EAFNOSUPPORT), "socket", {equal(0, AF_NETLINK)});
  rules.add(refuse(EAFNOSUPPORT), "socket", {equal(0, AF_UNIX)});
}

}  // namespace

int seccomp_filter(const SandboxDeclaration& declaration, int program_descriptor, pid_t self,
                   std::vector<sock_filter>& filter) {
  Rules rules;
  if (kSanitizedBuild) rules.add_all(kAllow, calls::kSanitizers);
  for (const std::string_view names :
       {calls::kMemory, calls::kOpenFiles, calls::kPaths, calls::kWaiting, calls::kItself}) {
    rules.add_all(kAllow, names);
  }
  add_opening(rules, declaration);
  add_processes(rules, declaration, program_descriptor, self);
  add_sockets(rules, declaration);
  // Limits can be asked for, not set.
  rules.add(kAllow, "prlimit64", {equal(2, 0)});
  // Whether stdout is a terminal.
  for (const uint64_t request : {uint64_t{TCGETS}, uint64_t{TIOCGWINSZ}, uint64_t{FIONREAD}}) {
    rules.add(kAllow, "ioctl", {equal(1, request)});
  }
  // libcap asks what there is whenever it is loaded.
  for (const uint64_t option : {uint64_t{PR_CAPBSET_READ}, uint64_t{PR_SET_NAME}}) {
    rules.add(kAllow, "prctl", {equal(0, option)});
  }
  // That it leaves no core dump, also to whom the kernel pipes them: exec forgets what was said
  // before.
  rules.add(kAllow, "prctl", {equal(0, PR_SET_DUMPABLE), equal(1, 0)});
  // That it dies with the launcher is said last: a change of user takes it back. It cannot be
  // unsaid.
  rules.add(kAllow, "prctl", {equal(0, PR_SET_PDEATHSIG), equal(1, SIGKILL)});
  rules.add_all(refuse(EROFS), calls::kChangesOfFiles);
  for (const std::string_view names : {calls::kOtherProcesses, calls::kPrivileges, calls::kMounts,
                                       calls::kLeaving, calls::kListening, calls::kKernel}) {
    // What children need stands: the first rule for a call counts.
    rules.add_all(kKill, names);
  }
  return rules.compile(filter);
}

}  // namespace muster::agent
