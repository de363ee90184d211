// Daemons that are asked over a socket, some of which have nothing to say, or too much.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "agent/answers/ways_to_ask.h"
#include "tests/agent/answers/asked_daemon.h"

namespace muster::answers {
namespace {

using ::testing::HasSubstr;

TEST_F(ADaemon, IsAskedByWhoIsNotRoot) {
  const Answer answer = ask_one(question(serve_unix("socket", &answer_with_peer)));
  EXPECT_EQ(answer.outcome, Outcome::kAnswered);
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.text, "zPING by " + asker_);
}

TEST_F(ADaemon, IsFoundByItsSettings) {
  const char* const socket = serve_unix("socket", &answer_with_peer);
  Question asked = question("/nonexistent");
  asked.settings = {"/nonexistent",
                    kept(directory_.write("conf", fmt::format("# LocalSocket /no\n"
                                                              "LocalSocketMode 666\n"
                                                              "  LocalSocket   {} \r\n"
                                                              "#LocalSocket /neither\n",
                                                              socket)))};
  EXPECT_EQ(ask_one(asked).text, "zPING by " + asker_);
}

TEST_F(ADaemon, MayListenOnAPortOfTheLoopback) {
  const auto [listener, port] = loopback();
  serve(listener, [](int connection) { write_text(connection, read_question(connection)); });
  Question asked = question("/nonexistent");
  asked.settings = {kept(directory_.write("conf", fmt::format("TCPSocket {}\n", port)))};
  EXPECT_EQ(ask_one(asked).text, "zPING");
}

TEST_F(ADaemon, ThatIsGoneIsAbsent) {
  EXPECT_EQ(ask_one(question("/nonexistent")).outcome, Outcome::kAbsent);
  const char* const path = kept(directory_.file("left"));
  const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(left);
  ::chmod(path, 0666);
  const Answer answer = ask_one(question(path));
  EXPECT_EQ(answer.outcome, Outcome::kAbsent);
  EXPECT_EQ(answer.status, ECONNREFUSED);
}

TEST_F(ADaemon, ThatIsForRootOnlyIsNotAskedAsRoot) {
  const char* const path = serve_unix("socket", &answer_with_peer);
  ::chmod(path, 0600);
  const Answer answer = ask_one(question(path));
  EXPECT_EQ(answer.outcome, is_root_user ? Outcome::kFailed : Outcome::kAnswered);
  EXPECT_EQ(answer.status, is_root_user ? EACCES : 0);
}

TEST_F(ADaemon, ThatAcceptsAndSaysNothingTakesItsTimeAndNoMore) {
  const Answer answer = ask_one(question(serve_unix("socket", [](int) { ::sleep(3600); }), 1));
  EXPECT_EQ(answer.outcome, Outcome::kTimedOut);
  EXPECT_EQ(answer.text, "");
}

TEST_F(ADaemon, ThatTricklesTakesItsTimeAndNoMore) {
  const char* const path = serve_unix("socket", [](int connection) {
    for (;;) {
      write_text(connection, "x");
      ::usleep(20'000);
    }
  });
  const Answer answer = ask_one(question(path, 1));
  EXPECT_EQ(answer.outcome, Outcome::kTimedOut);
  EXPECT_THAT(answer.text, ::testing::StartsWith("x"));
}

TEST_F(ADaemon, ThatSaysWithoutEndIsHeardToAMebibyte) {
  const char* const path = serve_unix("socket", [](int connection) {
    const std::string block(100'000, 'x');
    while (::send(connection, block.data(), block.size(), MSG_NOSIGNAL) > 0) {
    }
  });
  const Answer answer = ask_one(question(path));
  EXPECT_EQ(answer.outcome, Outcome::kTooLong);
  EXPECT_EQ(answer.text.size(), kMostOfAnswer);
}

TEST_F(ADaemon, WithALongerPathThanASocketHasFails) {
  Question asked = question("/nonexistent");
  asked.settings = {kept(directory_.write("conf", "LocalSocket /" + std::string(200, 'x') + "\n"))};
  const Answer answer = ask_one(asked);
  EXPECT_EQ(answer.outcome, Outcome::kFailed);
  EXPECT_EQ(answer.status, ENAMETOOLONG);
}

TEST_F(ADaemon, WithAPageIsAskedAtThePortOfItsSettings) {
  const auto [listener, port] = loopback();
  serve(listener,
        [](int connection) { write_text(connection, "page of " + read_question(connection)); });
  Question asked{.name = "falco",
                 .kind = Kind::kLoopback,
                 .settings = {kept(directory_.write(
                     "falco.yaml", fmt::format("webserver:\n  listen_port: {}\n", port)))},
                 .sent = std::string_view("GET /metrics\0", 13),
                 .port = 1,
                 .seconds = 60};
  EXPECT_EQ(ask_one(asked).text, "page of GET /metrics");
  // No such product: no port is tried.
  asked.settings = {"/nonexistent"};
  asked.port = port;
  EXPECT_EQ(ask_one(asked).outcome, Outcome::kAbsent);
}

// Whose socket systemd holds would be started by whoever connects.
TEST_F(ADaemon, IsAskedOnlyWhileItRuns) {
  Question asked = question(serve_unix("socket", answer_with_peer));
  asked.process = "answers_test";
  EXPECT_EQ(ask_one(asked).text, "zPING by " + asker_);
  asked.process = "muster_nobody";
  const Answer answer = ask_one(asked);
  EXPECT_EQ(answer.outcome, Outcome::kAbsent);
  EXPECT_EQ(answer.status, ESRCH);
  EXPECT_EQ(answer.text, "");
}

TEST_F(ADaemon, OfProcessesTellsTheirUsersAndNames) {
  const Answer answer = ask_one({.name = "processes", .kind = Kind::kProcesses});
  EXPECT_EQ(answer.outcome, Outcome::kAnswered);
  EXPECT_THAT(answer.text,
              HasSubstr(fmt::format("\n{} {} answers_test\n", ::getpid(), ::getuid())));
  EXPECT_THAT(answer.text, ::testing::MatchesRegex("1 0 .*"));
  EXPECT_THAT(answer.text, HasSubstr(fmt::format(" {} answers_test\n", asker_)));
}

// Root's clamd in a container protects the container.
TEST_F(ADaemon, OfAContainerIsNoProcessOfTheHost) {
  const auto status = [this](const std::string& pid, const std::string& rest) {
    directory_.write(pid + "/status", "Name:\tproduct" + pid + "\nState:\tS (sleeping)\n" + rest);
  };
  status("1", "Uid:\t0\t0\t0\t0\nNSpid:\t1\nNSpgid:\t1\t1\n");
  status("7", "Uid:\t0\t0\t0\t0\nNSpid:\t7\t1\nNSpgid:\t7\t1\n");
  status("8", "Uid:\t0\t0\t0\t0\nNStgid:\t8\t3\nNSpid:\t8\t3\t1\n");
  status("9", "Uid:\t4\t4\t4\t4\n");  // of a kernel that does not tell
  // It may have as many groups as hide the rest.
  std::string groups = "Groups:\t";
  for (int i = 0; i < 5000; ++i)
    groups += std::to_string(i) + " ";
  status("10", "Uid:\t0\t0\t0\t0\n" + groups + "\nNSpid:\t10\t1\n");
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(ask_processes(directory_.path().c_str()).outcome, Outcome::kAnswered);
  const std::string lines = ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(lines, HasSubstr("1 0 product1\n"));
  EXPECT_THAT(lines, HasSubstr("9 4 product9\n"));
  EXPECT_EQ(lines.size(), std::string("1 0 product1\n9 4 product9\n").size()) << lines;
  EXPECT_TRUE(may_run(directory_.path().c_str(), "product9"));
  EXPECT_FALSE(may_run(directory_.path().c_str(), "product7"));
}

TEST_F(ADaemon, ThatHasEndedIsNoProcessThatRuns) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  const Answer answer = ask_one({.name = "processes", .kind = Kind::kProcesses});
  EXPECT_EQ(answer.text.find(fmt::format("\n{} ", child)), std::string::npos);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
}

// Where the kernel has it and this process may ask; that is said otherwise.
TEST_F(ADaemon, OfAuditIsTheKernel) {
  const Answer answer = ask_one({.name = "auditd", .kind = Kind::kAudit});
  if (answer.outcome != Outcome::kAnswered) {
    EXPECT_NE(answer.status, 0);
    EXPECT_EQ(answer.text, "");
    return;
  }
  // A message of type AUDIT_GET, and at the end one of type NLMSG_DONE.
  ASSERT_GE(answer.text.size(), 20);
  EXPECT_EQ(answer.text.substr(4, 2), std::string("\xe8\x03", 2));
}

}  // namespace
}  // namespace muster::answers
