#include "agent/probes/protection/product_complaint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agent/answers/question_list.h"
#include "agent/probes/protection/product_facts.h"

namespace muster::probe {
namespace {

using answers::Answer;
using answers::Kind;
using answers::Outcome;
using answers::Question;

// What is done with a command.
constexpr std::string_view kRun = "run";

// Null: this probe does not know it.
const Question* question_of(std::string_view name) {
  const auto questions = answers::all_questions();
  const auto found =
      std::find_if(questions.begin(), questions.end(),
                   [name](const Question& question) { return question.name == name; });
  return found == questions.end() ? nullptr : &*found;
}

// "its status command /opt/CrowdStrike/falconctl", "the kernel": how a sentence begins.
std::string who_was_asked(const Question* question) {
  if (question == nullptr) return "the product";
  switch (question->kind) {
    case Kind::kCommand:
      return fmt::format("its status command {}", question->paths[0]);
    case Kind::kUnixSocket:
      return fmt::format("its socket (usually {})", question->paths[0]);
    case Kind::kLoopback:
      return fmt::format("its port on the loopback (usually {})", question->port);
    case Kind::kAudit:
      return "the kernel";
    case Kind::kProcesses:
      break;
  }
  return "the list of processes";
}

std::string first_line(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  text.remove_prefix(begin);
  return std::string(text.substr(0, text.find('\n')));
}

// A command tells by its status; of what else is asked, it is who asked that did not come to an
// end.
std::string complaint_about_end(const Answer& answer, std::string_view who,
                                std::string_view asked) {
  const std::string end = answer.status > 0 ? fmt::format("status {}", answer.status)
                                            : fmt::format("signal {}", -answer.status);
  if (asked != kRun) return fmt::format("{} could not be {}: that ended with {}", who, asked, end);
  const std::string said = first_line(answer.error_text.empty() ? answer.text : answer.error_text);
  return fmt::format("{} ended with {}{}{}", who, end, said.empty() ? "" : ": ", said);
}

// Of who is asked where it listens.
bool is_listened_at(const Question* question) {
  return question != nullptr &&
         (question->kind == Kind::kUnixSocket || question->kind == Kind::kLoopback);
}

std::string complaint_about_absence(const Question* question, int status, std::string_view who,
                                    std::string_view why) {
  if (question != nullptr && question->kind == Kind::kAudit) {
    return fmt::format("the kernel has no audit: {}", why);
  }
  if (!is_listened_at(question)) return fmt::format("{} is not there: {}", who, why);
  if (status == EOPNOTSUPP) {
    return fmt::format("nobody listens at {}: it is switched off in {}", who,
                       question->settings[0]);
  }
  return fmt::format("nobody listens at {}: {}", who, why);
}

// What is not root's, or not root's alone.
std::string complaint_about_rights(const Question* question, int status, std::string_view who,
                                   std::string_view asked) {
  if (is_listened_at(question) && status == EACCES) {
    return fmt::format(
        "{} is not believed: who listens there is neither root nor the user whom {} names", who,
        question->settings[0]);
  }
  return fmt::format(
      "{} was not {}: {}, what it links to or a directory above belongs to others than root, or "
      "others may write to it",
      who, asked, is_listened_at(question) ? question->settings[0] : "it");
}

std::string complaint(const Answer& answer) {
  const Question* const question = question_of(answer.name);
  const bool is_command = question != nullptr && question->kind == Kind::kCommand;
  const bool is_list = question != nullptr && question->kind == Kind::kProcesses;
  const std::string who = who_was_asked(question);
  const std::string_view asked = is_command ? kRun : is_list ? "read" : "asked";
  const char* const error = ::strerrordesc_np(answer.status);
  const std::string why = error == nullptr ? fmt::format("error {}", answer.status) : error;
  switch (answer.outcome) {
    case Outcome::kAnswered:
      return answer.status == 0 ? "" : complaint_about_end(answer, who, asked);
    case Outcome::kAbsent:
      return complaint_about_absence(question, answer.status, who, why);
    case Outcome::kUnsafe:
      return complaint_about_rights(question, answer.status, who, asked);
    case Outcome::kTimedOut:
      if (is_list) return who + " could not be read in time";
      return fmt::format("{} did not answer in time{}", who, is_command ? " and was ended" : "");
    case Outcome::kTooLong:
      return fmt::format("{} {} more than {} KiB", who, is_list ? "has" : "said",
                         answers::kMostOfAnswer >> 10);
    case Outcome::kFailed:
      break;
  }
  if (question != nullptr && question->kind == Kind::kAudit && answer.status == EPERM) {
    return "the kernel tells of its audit only root with CAP_AUDIT_CONTROL; see: auditctl -s";
  }
  if (is_listened_at(question) && answer.status == EADDRNOTAVAIL) {
    return fmt::format("{} was not asked: by {} it listens at another address than 127.0.0.1", who,
                       question->settings[0]);
  }
  return fmt::format("{} could not be {}: {}", who, is_command ? "asked" : asked, why);
}

}  // namespace

std::string complaint_about(const HostAnswers& answers, std::string_view question) {
  const Answer* const answer = answers.find(question);
  return protection::product_text(answer == nullptr ? answers.why_not() : complaint(*answer));
}

}  // namespace muster::probe
