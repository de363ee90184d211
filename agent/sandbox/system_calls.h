// The system calls that a sandbox is made of, as one object, so that a test can be a kernel that
// lacks one. Each returns 0 (or a descriptor) or -1 with errno, as the call itself does. Stateless.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

struct sock_fprog;

namespace muster::agent {

// struct landlock_ruleset_attr as the newest kernel known here has it: a header of an older one
// must not decide what a newer kernel is asked for. Version 1 of Landlock knows the first field,
// version 4 the second, version 6 the third.
struct LandlockAttributes {
  uint64_t handled_access_files = 0;
  uint64_t handled_access_network = 0;
  uint64_t scoped = 0;
};

class SystemCalls {
 public:
  virtual ~SystemCalls() = default;

  virtual int set_limit(int resource, const rlimit& limit);
  virtual int set_groups(const std::vector<gid_t>& groups);
  virtual int set_group_ids(gid_t group);
  // Capabilities that are permitted stay so, for set_capabilities.
  virtual int set_user_ids(uid_t user);
  // Permitted, effective, inheritable and ambient become exactly these, less what is not permitted.
  virtual int set_capabilities(uint64_t capabilities);
  // What no exec can bring back.
  virtual int drop_bounding_set_but(uint64_t capabilities);
  virtual int set_no_new_privileges();
  // The highest version of Landlock that the kernel has, or -1.
  virtual int landlock_version();
  virtual int landlock_create(const LandlockAttributes& attributes, size_t size);
  virtual int landlock_add_path(int ruleset, int path, uint64_t rights);
  virtual int landlock_restrict_self(int ruleset);
  virtual int set_seccomp_filter(const sock_fprog& program);
};

}  // namespace muster::agent
