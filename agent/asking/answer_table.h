// What the host answered to fixed questions: the form in which muster-answers writes it, for probes
// that may not ask themselves. Of nothing but libc, since that program is privileged; who reads it
// has answer_table_reader.h. Pure; any thread.
//
//   "MUSTERA1", then for each question that was asked a record: its name, what became of it, and
//   the two texts; and a record with an empty name, without which the table is not whole. A number
//   has four bytes, a text its length before it; the byte order is the machine's, on which both
//   programs run.
#pragma once

#include <cstddef>
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
  // The program or the settings, or a directory above them, is not root's or may be written by
  // others: not run, not asked (EPERM). Or who listens is somebody else than root and the user whom
  // root's settings name, and was told nothing (EACCES).
  kUnsafe = 2,
  // It took too long and was ended; what it had said is there.
  kTimedOut = 3,
  // It said more than kMostOfAnswer and was ended; what fits is there.
  kTooLong = 4,
  // It could not be asked; `status` is the errno.
  kFailed = 5,
};
inline constexpr uint32_t kOutcomes = 6;

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

inline constexpr std::string_view kTableMagic = "MUSTERA1";
inline constexpr size_t kMostOfName = 64;
inline constexpr size_t kMostOfAnswer = size_t{1} << 20;
inline constexpr size_t kMostOfErrorText = size_t{4} << 10;
inline constexpr size_t kMostOfTable = size_t{16} << 20;
inline constexpr size_t kMostAnswers = 1024;

// A text for which the table has no room any more is left out, and its answer is kTooLong.
std::string write_table(const std::vector<Answer>& answers);

}  // namespace muster::answers
