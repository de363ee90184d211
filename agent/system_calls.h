// The system calls that a sandbox is made of, as one object, so that a test can be a kernel that
// lacks one. Each returns 0 (or a descriptor) or -1 with errno, as the call itself does.
#pragma once

#include <linux/landlock.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <vector>

struct sock_fprog;

namespace muster::agent {

class SystemCalls {
 public:
  virtual ~SystemCalls() = default;

  virtual int set_limit(int resource, const rlimit& limit);
  virtual int set_groups(const std::vector<gid_t>& groups);
  virtual int set_group_ids(gid_t group);
  virtual int set_user_ids(uid_t user);
  // Permitted, effective and inheritable become exactly these, and ambient too.
  virtual int set_capabilities(uint64_t capabilities);
  // What no exec can bring back.
  virtual int drop_bounding_set_but(uint64_t capabilities);
  virtual int set_no_new_privileges();
  // The highest version of Landlock that the kernel has, or -1.
  virtual int landlock_version();
  virtual int landlock_create(const landlock_ruleset_attr& attributes, size_t size);
  virtual int landlock_add_path(int ruleset, const landlock_path_beneath_attr& rule);
  virtual int landlock_restrict_self(int ruleset);
  virtual int set_seccomp_filter(const sock_fprog& program);
};

}  // namespace muster::agent
