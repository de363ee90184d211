// A kernel in a test's hand: it remembers what it was asked for, does nothing, and refuses what the
// test says.
#pragma once

#include <fcntl.h>
#include <linux/filter.h>

#include <cerrno>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/sandbox/system_calls.h"

namespace muster::agent {

class FakeKernel : public SystemCalls {
 public:
  // The call, by the name of its method, fails with this errno.
  std::map<std::string, int> refused;
  int version = 7;
  // The filter is refused where this descriptor is open.
  int unwanted_descriptor = -1;

  // In their order.
  std::vector<std::string> calls;
  std::map<int, rlimit> limits;
  LandlockAttributes attributes;
  size_t attributes_size = 0;
  uint64_t capabilities = ~uint64_t{0};
  uint64_t bounding_set = ~uint64_t{0};
  std::vector<uint64_t> rights;
  size_t filter_length = 0;

  int set_limit(int resource, const rlimit& limit) override {
    limits[resource] = limit;
    return answer("set_limit");
  }
  int set_groups(const std::vector<gid_t>&) override { return answer("set_groups"); }
  int set_group_ids(gid_t) override { return answer("set_group_ids"); }
  int set_user_ids(uid_t) override { return answer("set_user_ids"); }
  int set_capabilities(uint64_t wanted) override {
    capabilities = wanted;
    return answer("set_capabilities");
  }
  int drop_bounding_set_but(uint64_t wanted) override {
    bounding_set = wanted;
    return answer("drop_bounding_set_but");
  }
  int set_no_new_privileges() override { return answer("set_no_new_privileges"); }
  int landlock_version() override { return answer("landlock_version") < 0 ? -1 : version; }
  int landlock_create(const LandlockAttributes& wanted, size_t size) override {
    attributes = wanted;
    attributes_size = size;
    // No descriptor of anybody's: it is closed afterwards.
    return answer("landlock_create") < 0 ? -1 : 1'000'000;
  }
  int landlock_add_path(int, int, uint64_t wanted) override {
    rights.push_back(wanted);
    return answer("landlock_add_path");
  }
  int landlock_restrict_self(int) override { return answer("landlock_restrict_self"); }
  int set_seccomp_filter(const sock_fprog& program) override {
    filter_length = program.len;
    if (unwanted_descriptor >= 0 && ::fcntl(unwanted_descriptor, F_GETFD) >= 0) {
      errno = EEXIST;
      return -1;
    }
    return answer("set_seccomp_filter");
  }

 private:
  int answer(const std::string& call) {
    calls.push_back(call);
    const auto found = refused.find(call);
    if (found == refused.end()) return 0;
    errno = found->second;
    return -1;
  }
};

}  // namespace muster::agent
