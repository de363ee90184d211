// What of a file could not be read, as the one sentence that its entry has room for. Pure; one
// thread.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <string_view>

namespace muster {

// The message of a status, safe to show.
std::string reason_text(const absl::Status& status);

class ProblemList {
 public:
  // `what` is the part of the file: "certificate 3".
  void add(std::string_view what, std::string_view problem);
  void add(std::string_view what, const absl::Status& problem) { add(what, reason_text(problem)); }
  // What is told in any case: a limit, a password that is wrong.
  void add_limit(std::string_view limit);

  // "certificate 3: why (and 2 more); the limit"; empty if there was none.
  std::string text() const;

 private:
  std::string first_;
  size_t count_ = 0;
  std::string limits_;
};

}  // namespace muster
