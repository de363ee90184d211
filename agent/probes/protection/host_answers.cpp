#include "agent/probes/protection/host_answers.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <utility>

#include "agent/asking/answer_table_reader.h"
#include "agent/answers/question_list.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/sandbox/host_answers_source.h"

namespace muster::probe {
namespace {

using answers::Answer;
using answers::Kind;
using answers::Outcome;
using answers::Question;
using Clock = std::chrono::steady_clock;

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

// To its end, or the reason why not.
std::string read_table(int descriptor, std::chrono::milliseconds patience, std::string& bytes) {
  const auto deadline = Clock::now() + patience;
  std::array<char, 1 << 16> block;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd polled{descriptor, POLLIN, 0};
    if (left <= 0) return fmt::format("muster-answers took longer than {} ms", patience.count());
    if (::poll(&polled, 1, static_cast<int>(left)) <= 0) continue;
    const ssize_t count = ::read(descriptor, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fmt::format("what muster-answers says: {}", std::strerror(errno));
    if (count == 0) return {};
    bytes.append(block.data(), static_cast<size_t>(count));
    if (bytes.size() > answers::kMostOfTable) return "muster-answers says too much";
  }
}

bool is_open(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0;
}

// The program beside the folder of the probes.
std::string installed_program() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / "../muster-answers").lexically_normal().string();
}

}  // namespace

HostAnswers::HostAnswers(std::string why_not) : why_not_(std::move(why_not)) {}

HostAnswers::HostAnswers(std::vector<Answer> answers)
    : why_not_("nobody was asked: the installed muster-answers does not know this product") {
  for (Answer& answer : answers)
    answers_.emplace(answer.name, std::move(answer));
}

const Answer* HostAnswers::find(std::string_view question) const {
  const auto found = answers_.find(question);
  return found == answers_.end() ? nullptr : &found->second;
}

std::string complaint_about(const HostAnswers& answers, std::string_view question) {
  const Answer* const answer = answers.find(question);
  return protection::product_text(answer == nullptr ? answers.why_not() : complaint(*answer));
}

HostAnswers read_host_answers(int descriptor, std::chrono::milliseconds patience) {
  std::string bytes;
  const std::string why_not = read_table(descriptor, patience, bytes);
  if (!why_not.empty()) return HostAnswers("nobody was asked: " + why_not);
  if (bytes.empty()) {
    return HostAnswers(
        "nobody was asked: neither muster-answers.socket listens (systemctl start it) nor is the "
        "program muster-answers there, or it failed (its log)");
  }
  auto parsed = answers::parse_table(bytes);
  if (parsed.ok()) return HostAnswers(*std::move(parsed));
  return HostAnswers("nobody was asked: " + std::string(parsed.status().message()));
}

HostAnswers take_host_answers(const std::string& root, std::string_view probe) {
  if (!root.empty()) return HostAnswers("nobody was asked: an image at rest answers nothing");
  if (is_open(agent::kAnswersDescriptor)) return read_host_answers(agent::kAnswersDescriptor);
  const char group = probe == answers::name_of(answers::Group::kAntivirus) ? 'a' : 'i';
  const Descriptor answers = agent::open_host_answers(group, installed_program());
  return read_host_answers(answers.get());
}

}  // namespace muster::probe
