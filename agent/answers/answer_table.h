// What the host answered to fixed questions: the form in which muster-answers writes it, for probes
// that may not ask themselves. Pure; any thread.
//
//   "MUSTERA1", then for each question that was asked a record: its name, what became of it, and
//   the two texts; and a record with an empty name, without which the table is not whole. A number
//   has four bytes, a text its length before it; the byte order is the machine's, on which both
//   programs run.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace muster::answers {

enum class Outcome : uint32_t {
  // The texts are what was answered; a command ended with `status` (negative: of that signal).
  kAnswered = 0,
  // There is nobody to ask: no such program, no such socket. `status` is the errno.
  kAbsent = 1,
  // The program, or a directory above it, is not root's or may be written by others: not run.
  kUnsafe = 2,
  // It took too long and was ended; what it had said is there.
  kTimedOut = 3,
  // It said more than kMostOfAnswer and was ended; what fits is there.
  kTooLong = 4,
  // It could not be asked; `status` is the errno.
  kFailed = 5,
};

struct Answer {
  // Of the question: "microsoft-defender".
  std::string name;
  Outcome outcome = Outcome::kFailed;
  int32_t status = 0;
  // Standard output of a command, what came over a socket, the kernel's messages as they came.
  std::string text;
  // Standard error of a command.
  std::string error_text;
};

inline constexpr size_t kMostOfAnswer = size_t{1} << 20;
inline constexpr size_t kMostOfErrorText = size_t{4} << 10;
inline constexpr size_t kMostOfTable = size_t{16} << 20;
inline constexpr size_t kMostAnswers = 64;

std::string write_table(const std::vector<Answer>& answers);
// InvalidArgument unless the bytes are a whole table within its bounds, to the last byte.
absl::StatusOr<std::vector<Answer>> parse_table(std::string_view bytes);

}  // namespace muster::answers
