#include "agent/probes/firmware/answered/answer_complaint.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace muster::firmware {
namespace {

using answers::Answer;
using answers::Outcome;

std::string complaint(const Answer& answer) {
  const char* const error = ::strerrordesc_np(answer.status);
  const std::string why = error == nullptr ? fmt::format("error {}", answer.status) : error;
  switch (answer.outcome) {
    case Outcome::kAnswered:
      return answer.status == 0
                 ? ""
                 : fmt::format("the device refused with status {:#x}", answer.status);
    case Outcome::kAbsent:
      return answer.status == EAGAIN ? "the device has stopped to save power, and is not woken"
                                     : "there is nobody to ask: " + why;
    case Outcome::kTimedOut:
      return "the device did not answer in time";
    case Outcome::kTooLong:
      return "the device said more than it was asked for";
    case Outcome::kUnsafe:
    case Outcome::kFailed:
      break;
  }
  if (answer.outcome == Outcome::kFailed && (answer.status == EPERM || answer.status == EACCES)) {
    return "the kernel lets only root with CAP_SYS_ADMIN and CAP_SYS_RAWIO ask: " + why;
  }
  return "the device could not be asked: " + why;
}

}  // namespace

std::string take_answer(const probe::HostAnswers& answers, const std::string& question,
                        std::string_view& bytes) {
  const Answer* const answer = answers.find(question);
  if (answer == nullptr) return answers.why_not();
  bytes = answer->text;
  return complaint(*answer);
}

}  // namespace muster::firmware
