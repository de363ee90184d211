#include "agent/sandbox/sandbox.h"

#include <linux/filter.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/launcher/memory_file.h"
#include "agent/sandbox/host_answers_source.h"
#include "agent/sandbox/inherited_files.h"
#include "agent/sandbox/landlock_rules.h"
#include "agent/sandbox/process_table.h"
#include "agent/sandbox/sanitized_build.h"
#include "agent/sandbox/seccomp_filter.h"
#include "agent/sandbox/socket_table.h"
#include "agent/sandbox/system_bus_socket.h"

namespace muster::agent {
namespace {

using Processes = SandboxDeclaration::Processes;

constexpr rlim_t kOpenFiles = 256;
// Hundreds of targets at once, with a socket each and some for name servers.
constexpr rlim_t kOpenFilesOfNetwork = 1024;
// What libapt-pkg unpacks where lists are kept compressed.
constexpr rlim_t kTemporaryFileSize = rlim_t{512} << 20;
// Of the probe's user, with the probe itself.
constexpr rlim_t kProcesses = 1;
constexpr rlim_t kProcessesWithChildren = 64;

class Application {
 public:
  Application(const SandboxPlan& plan, SystemCalls& calls) : plan_(plan), calls_(calls) {}

  SandboxResult run() {
    // The rules' paths are opened by who still may, so that a rule exists for what only the probe's
    // capability can reach; and a file is needed to make the filter.
    prepare_landlock();
    prepare_filter();
    open_inherited(plan_.declaration.inherited);
    if (plan_.declaration.processes != Processes::kNone) give_processes();
    if (plan_.declaration.answers != 0) give_answers();
    // A capability is needed for this, which is gone after it.
    note(Mechanism::kCapabilities, "prctl(PR_CAPBSET_DROP)",
         calls_.drop_bounding_set_but(plan_.declaration.capabilities));
    change_user();
    note(Mechanism::kCapabilities, "capset",
         calls_.set_capabilities(plan_.declaration.capabilities));
    // After the user: the bus does what who connected may have done.
    if (plan_.declaration.system_bus) {
      const Descriptor bus = open_system_bus();
      ::dup2(bus.get(), kSystemBusDescriptor);
    }
    // After the user: the number of processes is counted by it, and who enters a user with too many
    // may not execute.
    set_limits();
    note(Mechanism::kNoNewPrivileges, "prctl(PR_SET_NO_NEW_PRIVS)", calls_.set_no_new_privileges());
    restrict_files();
    // Last: it forbids most of the above.
    filter_calls();
    return result_;
  }

 private:
  // Keeps the first failure of a mechanism. Whether there was none now.
  bool note(Mechanism mechanism, const char* call, int returned) {
    MechanismResult& result = result_[static_cast<size_t>(mechanism)];
    if (returned < 0 && result.error == 0) result = {errno, call};
    return returned >= 0;
  }

  // The sandbox lets no probe look into another process; this is done by who still may.
  void give_processes() {
    const bool sockets = plan_.declaration.processes == Processes::kSockets;
    const Descriptor table = memory_file(
        "muster-processes", sockets ? gather_sockets("/proc") : gather_processes("/proc"));
    ::dup2(table.get(), kProcessTableDescriptor);
  }

  // A probe starts nothing and connects to nobody; this is done by who still may.
  void give_answers() {
    const Descriptor answers =
        open_host_answers(plan_.declaration.answers, plan_.answering_programs);
    ::dup2(answers.get(), kAnswersDescriptor);
  }

  void change_user() {
    if (!plan_.user || !plan_.group) {
      result_[static_cast<size_t>(Mechanism::kUser)] = {EPERM, "setresuid"};
      return;
    }
    int death_signal = 0;
    ::prctl(PR_GET_PDEATHSIG, &death_signal, 0, 0, 0);
    note(Mechanism::kUser, "setgroups", calls_.set_groups({}));
    note(Mechanism::kUser, "setresgid", calls_.set_group_ids(*plan_.group));
    note(Mechanism::kUser, "setresuid", calls_.set_user_ids(*plan_.user));
    ::prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0);
  }

  // Never above what already holds: raising it is not ours to do.
  void limit(int resource, rlim_t soft, rlim_t hard) {
    rlimit current{};
    if (::getrlimit(static_cast<__rlimit_resource>(resource), &current) == 0) {
      hard = std::min(hard, current.rlim_max);
      soft = std::min(soft, hard);
    }
    note(Mechanism::kLimits, "setrlimit", calls_.set_limit(resource, {soft, hard}));
  }

  void set_limits() {
    const SandboxDeclaration& declaration = plan_.declaration;
    const auto both = [this](int resource, rlim_t value) { limit(resource, value, value); };
    both(RLIMIT_CORE, 0);
    both(RLIMIT_NOFILE, declaration.reach == SandboxDeclaration::Reach::kNetwork
                            ? kOpenFilesOfNetwork
                            : kOpenFiles);
    both(RLIMIT_FSIZE,
         declaration.temporary_files || declaration.children ? kTemporaryFileSize : 0);
    if (!kSanitizedBuild) {
      both(RLIMIT_AS, declaration.memory);
      both(RLIMIT_NPROC, declaration.children ? kProcessesWithChildren : kProcesses);
    }
    both(RLIMIT_MSGQUEUE, 0);
    // SIGXCPU at the first, which says what happened; SIGKILL for who ignores it.
    limit(RLIMIT_CPU, plan_.cpu_seconds, plan_.cpu_seconds + 1);
  }

  void prepare_landlock() {
    const int version = calls_.landlock_version();
    if (!note(Mechanism::kLandlock, "landlock_create_ruleset", version)) return;
    const int known = std::min(version, kLandlockVersion);
    const LandlockAttributes attributes = landlock_attributes(plan_.declaration.reach, known);
    ruleset_ = calls_.landlock_create(attributes, landlock_attributes_size(known));
    if (!note(Mechanism::kLandlock, "landlock_create_ruleset", ruleset_)) return;
    for (const LandlockRule& rule : landlock_rules(plan_, known)) {
      // A rule that is refused leaves the probe with less.
      calls_.landlock_add_path(ruleset_, rule.descriptor, rule.rights);
      ::close(rule.descriptor);
    }
  }

  void restrict_files() {
    const bool restricted = ruleset_ >= 0 && note(Mechanism::kLandlock, "landlock_restrict_self",
                                                  calls_.landlock_restrict_self(ruleset_));
    if (ruleset_ >= 0) ::close(ruleset_);
    if (restricted || plan_.declaration.processes != Processes::kMappings) return;
    // It could open what is below them.
    ::close_range(kFirstProcessRoot, kFirstProcessRoot + kMostProcessRoots - 1, 0);
  }

  void prepare_filter() {
    errno = seccomp_filter(plan_.declaration, plan_.program, ::getpid(), filter_);
    if (!note(Mechanism::kSeccomp, "libseccomp", errno == 0 ? 0 : -1)) filter_.clear();
  }

  void filter_calls() {
    if (filter_.empty()) return;
    const sock_fprog program{static_cast<unsigned short>(filter_.size()), filter_.data()};
    note(Mechanism::kSeccomp, "seccomp", calls_.set_seccomp_filter(program));
  }

  const SandboxPlan& plan_;
  SystemCalls& calls_;
  SandboxResult result_{};
  int ruleset_ = -1;
  std::vector<sock_filter> filter_;
};

}  // namespace

SandboxResult apply_sandbox(const SandboxPlan& plan, SystemCalls& calls) {
  return Application(plan, calls).run();
}

}  // namespace muster::agent
