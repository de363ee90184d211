#include "agent/sandbox/system_calls.h"

#include <grp.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace muster::agent {
namespace {

struct FreeCapabilities {
  void operator()(cap_t capabilities) const { ::cap_free(capabilities); }
};
using CapabilitiesPtr = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCapabilities>;

constexpr uint64_t bit(cap_value_t capability) {
  return uint64_t{1} << static_cast<unsigned>(capability);
}

// A capability in one of the sets of a state; the call cannot fail for one that the kernel knows.
bool has(cap_t state, cap_flag_t set, cap_value_t capability) {
  cap_flag_value_t value = CAP_CLEAR;
  return ::cap_get_flag(state, capability, set, &value) == 0 && value == CAP_SET;
}

}  // namespace

int SystemCalls::set_limit(int resource, const rlimit& limit) {
  return ::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

int SystemCalls::set_groups(const std::vector<gid_t>& groups) {
  return ::setgroups(groups.size(), groups.data());
}

int SystemCalls::set_group_ids(gid_t group) {
  return ::setresgid(group, group, group);
}

int SystemCalls::set_user_ids(uid_t user) {
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return -1;
  return ::setresuid(user, user, user);
}

int SystemCalls::set_capabilities(uint64_t capabilities) {
  const CapabilitiesPtr current(::cap_get_proc());
  const CapabilitiesPtr wanted(::cap_init());
  if (current == nullptr || wanted == nullptr) return -1;
  uint64_t kept = 0;
  for (cap_value_t capability = 0; capability < ::cap_max_bits(); ++capability) {
    if ((capabilities & bit(capability)) == 0) continue;
    if (!has(current.get(), CAP_PERMITTED, capability)) continue;
    kept |= bit(capability);
    for (const cap_flag_t set : {CAP_PERMITTED, CAP_EFFECTIVE, CAP_INHERITABLE}) {
      if (::cap_set_flag(wanted.get(), set, 1, &capability, CAP_SET) != 0) return -1;
    }
  }
  if (::cap_set_proc(wanted.get()) != 0) return -1;
  if (::cap_reset_ambient() != 0) return -1;
  for (cap_value_t capability = 0; capability < ::cap_max_bits(); ++capability) {
    if ((kept & bit(capability)) != 0 && ::cap_set_ambient(capability, CAP_SET) != 0) return -1;
  }
  return 0;
}

int SystemCalls::drop_bounding_set_but(uint64_t capabilities) {
  for (cap_value_t capability = 0; capability < ::cap_max_bits(); ++capability) {
    if ((capabilities & bit(capability)) != 0) continue;
    if (::cap_get_bound(capability) != 1) continue;
    if (::cap_drop_bound(capability) != 0) return -1;
  }
  return 0;
}

int SystemCalls::set_no_new_privileges() {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int SystemCalls::landlock_version() {
  return static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

int SystemCalls::landlock_create(const LandlockAttributes& attributes, size_t size) {
  return static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0));
}

int SystemCalls::landlock_add_path(int ruleset, int path, uint64_t rights) {
  const landlock_path_beneath_attr rule{.allowed_access = rights, .parent_fd = path};
  return static_cast<int>(
      ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
}

int SystemCalls::landlock_restrict_self(int ruleset) {
  return static_cast<int>(::syscall(SYS_landlock_restrict_self, ruleset, 0));
}

int SystemCalls::set_seccomp_filter(const sock_fprog& program) {
  return static_cast<int>(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

}  // namespace muster::agent
