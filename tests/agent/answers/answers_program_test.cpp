// muster-answers as it is installed: who may ask, and what.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <array>

#include "agent/asking/answer_table_reader.h"
#include "tests/agent/answers/asked_world.h"

namespace muster::answers {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kProgram = MUSTER_BUILD_DIRECTORY "/libexec/muster/muster-answers";
constexpr int kUsageError = 64;
constexpr int kNotAllowed = 77;

struct Ended {
  int status = -1;
  std::string text;
};

// With this as standard input, or nothing.
Ended run(std::vector<const char*> words, int input = -1) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  words.insert(words.begin(), kProgram);
  words.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(input < 0 ? ::open("/dev/null", O_RDONLY) : input, STDIN_FILENO);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv(kProgram, const_cast<char**>(words.data()));
    ::_exit(127);
  }
  ::close(ends[1]);
  Ended ended;
  std::array<char, 4096> block{};
  for (ssize_t count = 0; (count = ::read(ends[0], block.data(), block.size())) > 0;)
    ended.text.append(block.data(), static_cast<size_t>(count));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

// By an order over a socket that `user` has made.
Ended run_with_order(const std::string& order, uid_t user = ::geteuid()) {
  std::array<int, 2> sockets{};
  const uid_t self = ::geteuid();
  EXPECT_EQ(::seteuid(user), 0);
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()), 0);
  EXPECT_EQ(::seteuid(self), 0);
  EXPECT_EQ(::write(sockets[0], order.data(), order.size()), static_cast<ssize_t>(order.size()));
  ::shutdown(sockets[0], SHUT_WR);
  Ended ended = run({}, sockets[1]);
  ::close(sockets[0]);
  ::close(sockets[1]);
  return ended;
}

std::vector<std::string> names_of(const std::string& bytes) {
  std::vector<std::string> names;
  const auto table = parse_table(bytes);
  EXPECT_TRUE(table.ok()) << table.status();
  for (const Answer& answer : table.value_or(std::vector<Answer>{}))
    names.push_back(answer.name);
  return names;
}

std::vector<std::string> names_of(Group group) {
  std::vector<std::string> names;
  for (const Question& question : all_questions()) {
    if (is_asked(question, group)) names.emplace_back(question.name);
  }
  return names;
}

TEST(AnswersProgram, AnswersEveryQuestionOfItsGroup) {
  const Ended antivirus = run({"antivirus"});
  EXPECT_EQ(antivirus.status, 0);
  EXPECT_EQ(names_of(antivirus.text), names_of(Group::kAntivirus));
  const Ended intrusion = run({"intrusion-detection"});
  EXPECT_EQ(intrusion.status, 0);
  EXPECT_EQ(names_of(intrusion.text), names_of(Group::kIntrusionDetection));
}

TEST(AnswersProgram, TakesAnOrderOfOneByteOverASocket) {
  EXPECT_EQ(names_of(run_with_order("a").text), names_of(Group::kAntivirus));
  EXPECT_EQ(names_of(run_with_order("i").text), names_of(Group::kIntrusionDetection));
  EXPECT_EQ(names_of(run_with_order("i/bin/sh").text), names_of(Group::kIntrusionDetection));
}

TEST(AnswersProgram, ClosesOnAnyOtherByte) {
  for (int byte = 0; byte < 256; ++byte) {
    if (byte == 'a' || byte == 'i') continue;
    const Ended ended = run_with_order(std::string(1, static_cast<char>(byte)));
    EXPECT_EQ(ended.status, kUsageError) << byte;
    EXPECT_EQ(ended.text, "") << byte;
  }
  EXPECT_EQ(run_with_order("").status, kUsageError);
}

TEST(AnswersProgram, AnswersNobodyButItsOwnUser) {
  if (!is_root_user) return;  // only root can be somebody else for a moment
  const Ended ended = run_with_order("a", kSomebody);
  EXPECT_EQ(ended.status, kNotAllowed);
  EXPECT_EQ(ended.text, "");
}

TEST(AnswersProgram, RefusesWhatIsNoOrder) {
  EXPECT_EQ(run({}).status, kUsageError) << "without an argument and without a socket";
  for (const char* const word : {"", "a", "everything", "antivirus ", "/bin/sh", "--root"})
    EXPECT_EQ(run({word}).status, kUsageError) << word;
  EXPECT_EQ(run({"antivirus", "intrusion-detection"}).status, kUsageError);
}

TEST(AnswersProgram, SaysWhatItIs) {
  EXPECT_THAT(run({"--help"}).text, StartsWith("Usage: muster-answers antivirus|"));
  EXPECT_EQ(run({"--help"}).status, 0);
  EXPECT_THAT(run({"--version"}).text, StartsWith("muster-answers "));
}

}  // namespace
}  // namespace muster::answers
