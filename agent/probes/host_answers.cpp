#include "agent/probes/host_answers.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "agent/asking/answer_table_reader.h"
#include "agent/sandbox/host_answers_source.h"

namespace muster::probe {
namespace {

using answers::Answer;
using Clock = std::chrono::steady_clock;

// To its end, or the reason why not.
std::string read_table(int descriptor, const std::string& who, std::chrono::milliseconds patience,
                       std::string& bytes) {
  const auto deadline = Clock::now() + patience;
  std::array<char, 1 << 16> block;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd polled{descriptor, POLLIN, 0};
    if (left <= 0) return fmt::format("{} took longer than {} ms", who, patience.count());
    if (::poll(&polled, 1, static_cast<int>(left)) <= 0) continue;
    const ssize_t count = ::read(descriptor, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fmt::format("what {} says: {}", who, std::strerror(errno));
    if (count == 0) return {};
    bytes.append(block.data(), static_cast<size_t>(count));
    if (bytes.size() > answers::kMostOfTable) return who + " says too much";
  }
}

bool is_open(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0;
}

// The directory above that of the probes.
std::string installed_programs() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / "..").lexically_normal().string();
}

}  // namespace

HostAnswers::HostAnswers(std::string why_not) : why_not_(std::move(why_not)) {}

HostAnswers::HostAnswers(std::vector<Answer> answers)
    : why_not_("nobody was asked: the installed program that asks does not know this question") {
  for (Answer& answer : answers)
    answers_.emplace(answer.name, std::move(answer));
}

const Answer* HostAnswers::find(std::string_view question) const {
  const auto found = answers_.find(question);
  return found == answers_.end() ? nullptr : &found->second;
}

HostAnswers read_host_answers(int descriptor, char group, std::chrono::milliseconds patience) {
  const std::string who = agent::answering_program(group);
  std::string bytes;
  const std::string why_not = read_table(descriptor, who, patience, bytes);
  if (!why_not.empty()) return HostAnswers("nobody was asked: " + why_not);
  if (bytes.empty()) {
    return HostAnswers(fmt::format(
        "nobody was asked: neither {0}.socket listens (systemctl start it) nor is the program {0} "
        "there, or it failed (its log)",
        who));
  }
  auto parsed = answers::parse_table(bytes);
  if (parsed.ok()) return HostAnswers(*std::move(parsed));
  return HostAnswers("nobody was asked: " + std::string(parsed.status().message()));
}

HostAnswers take_host_answers(const std::string& root, char group) {
  if (!root.empty()) return HostAnswers("nobody was asked: an image at rest answers nothing");
  if (is_open(agent::kAnswersDescriptor)) {
    return read_host_answers(agent::kAnswersDescriptor, group);
  }
  const Descriptor answers = agent::open_host_answers(group, installed_programs());
  return read_host_answers(answers.get(), group);
}

}  // namespace muster::probe
