// Makes one child process, by fork and exec, with the limits that launcher.h promises, and nothing
// else: what happens to it later is the launcher's. Linux only.
#pragma once

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <string>
#include <utility>

#include "common/clock.h"

namespace muster::agent {

// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~Descriptor() { reset(-1); }

  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }
  void reset(int descriptor);

 private:
  int descriptor_ = -1;
};

// A child, its ends of the pipes, and a descriptor that becomes readable when it ends.
struct ChildProcess {
  // Also the id of its process group.
  pid_t pid = -1;
  Descriptor ended;
  // Non-blocking.
  Descriptor output;
  Descriptor error_output;
  // Carries one ExecFailure if the program could not be started, else nothing.
  Descriptor exec_failure;
};

// What the child writes when a step before its program fails.
struct ExecFailure {
  // Index into the steps: see step_name.
  int step = 0;
  int error = 0;
};
const char* step_name(int step);

// Starts `program` (absolute) with `input` on stdin. `cpu_limit` is processor
// time of the process, rounded up to seconds. The thread that
// calls this must live as long as the child: the kernel kills the child when it ends.
absl::StatusOr<ChildProcess> start_child(const std::string& program, const std::string& input,
                                         Duration cpu_limit);

}  // namespace muster::agent
