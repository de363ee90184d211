// Daemons that are asked over a socket, some of which have nothing to say, or too much.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/wait.h>

#include "tests/agent/answers/asked_world.h"

namespace muster::answers {
namespace {

using ::testing::HasSubstr;

// What arrives until the zero that ends a question.
std::string read_question(int connection) {
  std::string text;
  char byte = '\0';
  while (::read(connection, &byte, 1) == 1 && byte != '\0')
    text += byte;
  return text;
}

void write_text(int connection, const std::string& text) {
  [[maybe_unused]] const ssize_t ignored =
      ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

void answer_with_peer(int connection) {
  const std::string question = read_question(connection);
  ucred who{};
  socklen_t size = sizeof who;
  ::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &who, &size);
  write_text(connection, fmt::format("{} by {}", question, who.uid));
}

class ADaemon : public AHost {
 protected:
  static Question question(const char* path, int seconds = 60) {
    return {.name = "daemon",
            .kind = Kind::kUnixSocket,
            .paths = {path},
            .sent = std::string_view("zPING\0", 6),
            .seconds = seconds};
  }
  // A listener on a port of the loopback, and which.
  static std::pair<int, int> loopback() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    return {listener, ntohs(address.sin_port)};
  }

  // Nobody's: not root's, and not of who asks.
  const std::string asker_ = std::to_string(is_root_user ? kSomebody : ::geteuid());
};

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

// Who may write it could have anybody be asked.
TEST_F(ADaemon, IsNotFoundBySettingsThatAnybodyMayWrite) {
  Question asked = question(serve_unix("right", &answer_with_peer));
  const char* const wrong =
      serve_unix("wrong", [](int connection) { write_text(connection, "wrong"); });
  asked.settings = {kept(directory_.write("conf", fmt::format("LocalSocket {}\n", wrong), 0666))};
  EXPECT_EQ(ask_one(asked).text, "zPING by " + asker_);
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
