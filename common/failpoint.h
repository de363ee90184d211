// Named places, each before an operation that writes, where a test makes the operation fail as the
// kernel would, or kills the process. Compiled in only with MUSTER_FAILPOINTS; else every call here
// is nothing, and the names are not in the program.
//
// What happens is told by rules, joined by ';':
//
//   NAME[@TEXT][#N[+]]=ACTION
//
//   @TEXT   only where the subject (a path, mostly) contains it
//   #N      only at the N-th passage that fits; with '+' from then on. Else at every one
//   ACTION  kill         SIGKILL to itself, before the operation
//           ENOSPC EDQUOT EIO EROFS EACCES   the operation is not done and fails with it
//           short        a write does its first half only, and says so
//           delay:MS     the operation waits first
//           note         nothing, but it is counted and logged
//
// The first rule that fires decides. State is one for the process, as failures of the system are;
// any thread. Quiet (a load of one atomic) until rules are set.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <string_view>

#include "common/failpoint_config.h"
#include "common/failpoint_names.h"

#if MUSTER_FAILPOINTS
#include <absl/status/status.h>

#include <cstdint>
#include <string>
#endif

namespace muster::failpoint {

inline constexpr bool kCompiledIn = MUSTER_FAILPOINTS != 0;

// A name of the list; any other does not compile.
class Point {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is a point wherever one is wanted.
  consteval Point(const char* name) : index_(index_of(name)) {}
  constexpr size_t index() const { return index_; }

 private:
  static consteval size_t index_of(std::string_view name) {
    for (size_t i = 0; i < kNames.size(); ++i) {
      if (kNames[i] == name) return i;
    }
    throw "no such failpoint: add it to common/failpoint_names.h";
  }
  size_t index_;
};

#if MUSTER_FAILPOINTS

// Replaces all rules and counts from zero; no rules: only counts. InvalidArgument says what is
// wrong. Every firing becomes a line "PID NAME SUBJECT ACTION" at the end of the file `log`, before
// it acts.
absl::Status set_rules(std::string_view rules, std::string log = {});
// From MUSTER_FAILPOINTS and MUSTER_FAILPOINTS_LOG; ends the program when the rules are wrong. Only
// main calls it.
void set_rules_from_environment();
// No rules, no counting.
void clear();
bool armed();

// Since the rules were set.
uint64_t passages(Point point);
uint64_t firings(Point point);
uint64_t firings_of_all();

// Whether the operation must fail: errno is set then, and it must not be done. `size`: what a write
// may do; halved by `short`.
bool fails(Point point, std::string_view subject, size_t* size = nullptr);

#else

inline void set_rules_from_environment() {}
inline bool fails(Point, std::string_view, size_t* = nullptr) {
  return false;
}

#endif

// A moment between operations.
inline void pass(Point point, std::string_view subject = {}) {
  (void)fails(point, subject);
}

// As ::write.
inline ssize_t write(Point point, std::string_view subject, int descriptor, const void* data,
                     size_t size) {
  if (fails(point, subject, &size)) return -1;
  return ::write(descriptor, data, size);
}

}  // namespace muster::failpoint
