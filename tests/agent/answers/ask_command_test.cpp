// Status commands of products that mean no harm, and of some that do.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <linux/capability.h>
#include <sys/prctl.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/agent/answers/asked_world.h"

namespace muster::answers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ACommand = AHost;

// Once it is gone, or only waits for whoever is to hear of its end; the test's own limit holds it.
bool has_ended(const std::string& pid) {
  for (;;) {
    std::ifstream file(fmt::format("/proc/{}/stat", std::atoi(pid.c_str())));
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    if (stat.empty() || stat.find(") Z ") != std::string::npos) return true;
    ::usleep(1000);
  }
}

TEST_F(ACommand, IsAnsweredWithItsOutputsAndItsStatus) {
  const Answer answer =
      ask_one(command(script("status", "echo on; echo not licensed >&2; exit 3")));
  EXPECT_EQ(answer.name, "product");
  EXPECT_EQ(answer.outcome, Outcome::kAnswered);
  EXPECT_EQ(answer.status, 3);
  EXPECT_EQ(answer.text, "on\n");
  EXPECT_EQ(answer.error_text, "not licensed\n");
}

TEST_F(ACommand, GetsItsWordsAndNobodyElses) {
  Question question = command(script("words", "for word; do echo \"<$word>\"; done"));
  question.arguments = {"health", "--output", "a b", "$(reboot)"};
  EXPECT_EQ(ask_one(question).text, "<health>\n<--output>\n<a b>\n<$(reboot)>\n");
}

TEST_F(ACommand, SeesThisEnvironmentAndNothingOfWhoAsks) {
  ::setenv("MUSTER_SECRET", "x", 1);
  const int secret = ::open("/etc/hostname", O_RDONLY);
  const Answer answer =
      ask_one(command(script("env",
                             "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | sort\n"
                             "pwd; readlink /proc/$$/fd/0; umask; ulimit -c\n"
                             "for n in 3 4 5 6 7 8 9 11 12 13 14 15 100 101 102; do\n"
                             "[ -e /proc/$$/fd/$n ] && echo $n; done\n")));
  ::close(secret);
  ::unsetenv("MUSTER_SECRET");
  EXPECT_EQ(answer.text,
            "HOME=/root\nLANG=C\nLC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
            "/\n/dev/null\n0022\n0\n");
}

// As root it may read what root may, and change nothing that is another's.
TEST_F(ACommand, HasNoPrivilegeLeftButToRead) {
  const Answer answer =
      ask_one(command(script("status", "grep -E '^(Uid|Cap|NoNewPrivs)' /proc/$$/status")));
  const uint64_t kept = is_root_user ? uint64_t{1} << CAP_DAC_READ_SEARCH : 0;
  const uid_t user = ::geteuid();
  EXPECT_THAT(answer.text, StartsWith(fmt::format("Uid:\t{0}\t{0}\t{0}\t{0}\n", user)));
  for (const char* const set : {"CapPrm", "CapEff", "CapInh", "CapAmb"})
    EXPECT_THAT(answer.text, HasSubstr(fmt::format("{}:\t{:016x}\n", set, kept)));
  if (is_root_user) {
    EXPECT_THAT(answer.text, HasSubstr(fmt::format("CapBnd:\t{:016x}\n", kept)));
  }
  EXPECT_THAT(answer.text, HasSubstr("NoNewPrivs:\t1\n"));
}

TEST_F(ACommand, ThatHangsIsEndedWithAllItStarted) {
  const Answer answer = ask_one(command(
      script("hang", "trap '' TERM INT HUP; sleep 1000 & echo $!; wait; wait; sleep 1000"), 1));
  EXPECT_EQ(answer.outcome, Outcome::kTimedOut);
  ASSERT_THAT(answer.text, ::testing::MatchesRegex("[0-9]+\n"));
  EXPECT_TRUE(has_ended(answer.text));
}

TEST_F(ACommand, ThatSaysAHundredMegabytesIsEndedAtOne) {
  const Answer answer =
      ask_one(command(script("flood", "head -c 100000000 /dev/zero; echo the end >&2")));
  EXPECT_EQ(answer.outcome, Outcome::kTooLong);
  EXPECT_EQ(answer.text.size(), kMostOfAnswer);
  EXPECT_EQ(answer.error_text, "");
}

TEST_F(ACommand, MaySayExactlyAMebibyte) {
  const Answer answer = ask_one(command(script("full", "head -c 1048576 /dev/zero")));
  EXPECT_EQ(answer.outcome, Outcome::kAnswered);
  EXPECT_EQ(answer.text.size(), kMostOfAnswer);
}

TEST_F(ACommand, ThatComplainsAtLengthIsHeardOutAndKeptInPart) {
  const Answer answer =
      ask_one(command(script("complain", "head -c 1000000 /dev/zero >&2; echo on; exit 1")));
  EXPECT_EQ(answer.outcome, Outcome::kAnswered);
  EXPECT_EQ(answer.status, 1);
  EXPECT_EQ(answer.text, "on\n");
  EXPECT_EQ(answer.error_text.size(), kMostOfErrorText);
}

// The test's own limit is two minutes, and the children stay for an hour.
TEST_F(ACommand, IsNotWaitedForByTheOutputThatItsChildrenKeep) {
  const Answer answer =
      ask_one(command(script("children", "sleep 3600 & echo $!; sleep 3600 & exit 0"), 3600));
  EXPECT_EQ(answer.outcome, Outcome::kAnswered);
  EXPECT_EQ(answer.status, 0);
  ASSERT_THAT(answer.text, ::testing::MatchesRegex("[0-9]+\n"));
  EXPECT_TRUE(has_ended(answer.text));
}

TEST_F(ACommand, LeavesNobodyBehindInAnotherSessionEither) {
  const char* const path = script("daemon",
                                  "setsid sleep 3600 </dev/null >/dev/null 2>&1 &\n"
                                  "until pgrep -s $! >/dev/null; do :; done; echo $!");
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t asking = ::fork();
  if (asking == 0) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    const Answer answer = ask_one(command(path));
    end_leftovers();
    ::_exit(::write(ends[1], answer.text.data(), answer.text.size()) > 0 ? 0 : 1);
  }
  ::close(ends[1]);
  std::array<char, 32> text{};
  EXPECT_GT(::read(ends[0], text.data(), text.size() - 1), 0);
  ::close(ends[0]);
  ::waitpid(asking, nullptr, 0);
  ASSERT_GT(std::atoi(text.data()), 1);
  EXPECT_TRUE(has_ended(text.data()));
}

TEST_F(ACommand, ThatASignalEndsSaysWhich) {
  const Answer answer = ask_one(command(script("crash", "echo on; kill -SEGV $$")));
  EXPECT_EQ(answer.outcome, Outcome::kAnswered);
  EXPECT_EQ(answer.status, -SIGSEGV);
  EXPECT_EQ(answer.text, "on\n");
}

TEST_F(ACommand, IsTheFirstOfItsPathsThatIsThere) {
  Question question = command("/nonexistent/product");
  question.paths = {"/nonexistent/product", script("second", "echo second"),
                    script("third", "echo third")};
  EXPECT_EQ(ask_one(question).text, "second\n");
}

TEST_F(ACommand, ThatIsNotThereIsAbsent) {
  const Answer answer = ask_one(command(kept(directory_.file("none"))));
  EXPECT_EQ(answer.outcome, Outcome::kAbsent);
  EXPECT_EQ(answer.status, ENOENT);
}

TEST_F(ACommand, ThatIsNoProgramFails) {
  const Answer answer = ask_one(command(kept(directory_.write("text", "hello", 0644))));
  EXPECT_EQ(answer.outcome, Outcome::kFailed);
  EXPECT_EQ(answer.status, EACCES);
}

TEST_F(ACommand, ThatIsALinkIsWhatItLinksTo) {
  const char* const path = script("opt/product", "echo linked; echo $0");
  const std::string link = directory_.file("link");
  std::filesystem::create_symlink(path, link);
  EXPECT_EQ(ask_one(command(kept(link))).text, fmt::format("linked\n{}\n", path));
}

// What others could have changed is not run as root.
TEST_F(ACommand, ThatOthersMayChangeIsNotRun) {
  const auto outcome = [this](const std::string& path) {
    return ask_one(command(kept(path))).outcome;
  };
  const std::string path = script("opt/bin/product", "echo on");
  const std::string directory = directory_.file("opt");
  ASSERT_EQ(outcome(path), Outcome::kAnswered);
  for (const mode_t mode : {mode_t{0775}, mode_t{0757}, mode_t{01777}}) {
    ::chmod(path.c_str(), mode);
    EXPECT_EQ(outcome(path), Outcome::kUnsafe) << "file " << mode;
    ::chmod(path.c_str(), 0755);
    ::chmod(directory.c_str(), mode);
    EXPECT_EQ(outcome(path), Outcome::kUnsafe) << "directory " << mode;
    ::chmod(directory.c_str(), 0755);
  }
  EXPECT_EQ(outcome(path), Outcome::kAnswered);
  EXPECT_EQ(outcome(directory), Outcome::kUnsafe) << "a directory";
  if (!is_root_user) return;
  EXPECT_EQ(::chown(path.c_str(), kSomebody, 0), 0);
  EXPECT_EQ(outcome(path), Outcome::kUnsafe) << "another's file";
  EXPECT_EQ(::chown(path.c_str(), 0, 0), 0);
  EXPECT_EQ(::chown(directory.c_str(), kSomebody, 0), 0);
  EXPECT_EQ(outcome(path), Outcome::kUnsafe) << "another's directory";
}

TEST_F(ACommand, ThatIsALinkToWhatOthersMayChangeIsNotRun) {
  const std::string path = script("home/product", "echo on");
  ::chmod(directory_.file("home").c_str(), 0777);
  const std::string link = directory_.file("link");
  std::filesystem::create_symlink(path, link);
  EXPECT_EQ(ask_one(command(kept(link))).outcome, Outcome::kUnsafe);
}

// Whoever may change the link says which of root's programs is run.
TEST_F(ACommand, ThatIsALinkInAPlaceOfOthersIsNotRun) {
  const std::string program = script("opt/product", "echo on");
  std::filesystem::create_directory(directory_.file("shared"));
  const std::string link = directory_.file("shared/link");
  const std::string to_link = directory_.file("to_link");
  std::filesystem::create_symlink(program, link);
  std::filesystem::create_symlink(link, to_link);
  const auto outcome = [this](const std::string& path) {
    return ask_one(command(kept(path))).outcome;
  };
  EXPECT_EQ(outcome(to_link), Outcome::kAnswered);
  ::chmod(directory_.file("shared").c_str(), 01777);
  EXPECT_EQ(outcome(link), Outcome::kUnsafe);
  EXPECT_EQ(outcome(to_link), Outcome::kUnsafe);
  ::chmod(directory_.file("shared").c_str(), 0755);
  if (!is_root_user) return;
  EXPECT_EQ(::lchown(link.c_str(), kSomebody, 0), 0);
  EXPECT_EQ(outcome(to_link), Outcome::kUnsafe) << "another's link";
}

TEST_F(ACommand, IsFoundAlongLinksAsTheKernelFindsIt) {
  script("opt/bin/product", "echo on");
  std::filesystem::create_directory(directory_.file("a"));
  std::filesystem::create_symlink("../opt/./bin", directory_.file("a/relative"));
  EXPECT_EQ(ask_one(command(kept(directory_.file("a/relative//../bin/product")))).text, "on\n");
  std::filesystem::create_symlink("loop", directory_.file("loop"));
  EXPECT_EQ(ask_one(command(kept(directory_.file("loop")))).outcome, Outcome::kUnsafe);
  EXPECT_EQ(ask_one(command(kept(directory_.file("a/relative/product/x")))).outcome,
            Outcome::kAbsent);
}

// A write past the limit is an error for it, not its end.
TEST_F(ACommand, HasLimitsOfItsOwn) {
  const Answer answer = ask_one(command(
      script("limits", "ulimit -t\ndd if=/dev/zero of=" + directory_.file("log") +
                           " bs=1 count=1 seek=268435456 2>&1 | grep -o 'File too large'\n")));
  EXPECT_EQ(answer.text, "20\nFile too large\n");
}

TEST_F(ACommand, IsOneOfManyThatAreAskedSideBySideAndAnsweredInOrder) {
  options_.at_once = 2;
  std::vector<Question> questions;
  for (int i = 0; i < 7; ++i)
    questions.push_back(command(script(fmt::format("script{}", i), fmt::format("echo {}", i))));
  questions[2].paths = {"/nonexistent"};
  questions[4].group = Group::kIntrusionDetection;
  std::vector<std::string> texts;
  for (const Answer& answer : ask_all(questions))
    texts.push_back(answer.text);
  EXPECT_THAT(texts, ElementsAre("0\n", "1\n", "", "3\n", "5\n", "6\n"));
}

// Or a look that is ended and begun again would have many of them at work.
TEST_F(ACommand, IsEndedAndNoOtherBegunOnceNobodyIsThereToHear) {
  std::array<int, 2> ends{};
  for (const bool is_pipe : {false, true}) {
    ASSERT_EQ(is_pipe ? ::pipe(ends.data()) : ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()),
              0);
    ::close(ends[0]);
    options_.heard_by = ends[1];
    options_.at_once = 1;
    const std::vector<Answer> answers =
        ask_all({command("/bin/sh"), command(script("slow", "sleep 3600"), 1),
                 command(script("next", "echo >" + directory_.file("next-ran")))});
    ::close(ends[1]);
    ASSERT_EQ(answers.size(), 3);
    EXPECT_EQ(answers[2].outcome, Outcome::kTimedOut) << is_pipe;
    EXPECT_FALSE(std::filesystem::exists(directory_.file("next-ran"))) << is_pipe;
  }
}

TEST_F(ACommand, HasNoMoreTimeThanAllTogether) {
  options_.time = std::chrono::milliseconds(500);
  options_.at_once = 2;
  const std::vector<Question> questions(5, command(script("hang", "sleep 3600"), 3600));
  const std::vector<Answer> answers = ask_all(questions);
  EXPECT_EQ(answers.size(), 5);
  for (const Answer& answer : answers)
    EXPECT_EQ(answer.outcome, Outcome::kTimedOut);
}

}  // namespace
}  // namespace muster::answers
