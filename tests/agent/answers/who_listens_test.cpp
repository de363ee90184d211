// Who is asked, and who is heard: where a product is not, anybody may listen.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/agent/answers/asked_daemon.h"

namespace muster::answers {
namespace {

void answer_hello(int connection) {
  write_text(connection, "hello " + read_question(connection));
}

class AListener : public ADaemon {
 protected:
  // By settings with this text.
  Answer ask_by(const std::string& settings, Kind kind = Kind::kUnixSocket, int port = 0) {
    Question asked = question("/nonexistent");
    asked.kind = kind;
    asked.port = port;
    asked.settings = {kept(directory_.write("conf", settings))};
    return ask_one(asked);
  }
  void expect_stranger(const Answer& answer) {
    EXPECT_EQ(answer.outcome, Outcome::kUnsafe);
    EXPECT_EQ(answer.status, EACCES);
    EXPECT_EQ(answer.text, "");
  }
  void expect_unsafe(const Answer& answer) {
    EXPECT_EQ(answer.outcome, Outcome::kUnsafe);
    EXPECT_EQ(answer.status, EPERM);
    EXPECT_EQ(answer.text, "");
  }
};

TEST_F(AListener, OfAnotherUserAtASocketIsNotHeard) {
  if (!is_root_user) return;  // only root can be somebody else for a moment
  expect_stranger(ask_one(question(serve_unix("nobodys", &answer_hello, kNobody))));
  expect_stranger(ask_one(question(serve_unix("askers", &answer_hello, kSomebody))));
  const std::string socket = serve_unix("socket", &answer_hello, kNobody);
  expect_stranger(ask_by("User root\nLocalSocket " + socket + "\n"));
  EXPECT_EQ(ask_by("User nobody\nLocalSocket " + socket + "\n").text, "hello zPING");
}

TEST_F(AListener, OfAnotherUserAtAPortIsNotHeard) {
  if (!is_root_user) return;  // only root can be somebody else for a moment
  for (const uint32_t address : {INADDR_LOOPBACK, INADDR_ANY}) {
    const auto [listener, port] = loopback(kNobody, address);
    serve(listener, &answer_hello);
    const std::string settings = fmt::format("TCPSocket {}\n", port);
    expect_stranger(ask_by(settings));
    EXPECT_EQ(ask_by("User nobody\n" + settings).text, "hello zPING");
    expect_stranger(ask_by("webserver:\n", Kind::kLoopback, port));
    expect_stranger(ask_by("User nobody\n", Kind::kLoopback, port));
  }
}

TEST_F(AListener, AtAllAddressesIsHeard) {
  const auto [listener, port] = loopback(::geteuid(), INADDR_ANY);
  serve(listener, &answer_hello);
  EXPECT_EQ(ask_by(fmt::format("TCPSocket {}\n", port)).text, "hello zPING");
}

TEST_F(AListener, ThatIsElsewhereIsNotLookedForHere) {
  const auto [listener, port] = loopback();
  serve(listener, &answer_hello);
  const std::string settings = fmt::format("TCPSocket {}\nTCPAddr 10.0.0.5\n", port);
  const Answer elsewhere = ask_by(settings);
  EXPECT_EQ(elsewhere.outcome, Outcome::kFailed);
  EXPECT_EQ(elsewhere.status, EADDRNOTAVAIL);
  EXPECT_EQ(ask_by(settings + "TCPAddr localhost\n").text, "hello zPING");
}

TEST_F(AListener, WithAPageIsWhereItsSectionOfTheSettingsSays) {
  const auto [listener, port] = loopback();
  serve(listener, &answer_hello);
  const auto ask = [this, port = port](const std::string& settings) {
    return ask_by(settings, Kind::kLoopback, port);
  };
  const Answer off = ask("webserver:\n  enabled: false # not now\n");
  EXPECT_EQ(off.outcome, Outcome::kAbsent);
  EXPECT_EQ(off.status, EOPNOTSUPP);
  const Answer elsewhere = ask("webserver:\n\n  listen_address: \"10.0.0.5\"\n");
  EXPECT_EQ(elsewhere.outcome, Outcome::kFailed);
  EXPECT_EQ(elsewhere.status, EADDRNOTAVAIL);
  EXPECT_EQ(ask("webserver:\n  enabled: true\n  listen_address: 0.0.0.0 # all\n").text,
            "hello zPING");
  // What other sections say is not of it.
  EXPECT_EQ(ask("webserver:\n# x\n  enabled: true\nprogram_output:\n  enabled: false\n"
                "  listen_address: 10.0.0.5\n  listen_port: 1\n")
                .text,
            "hello zPING");
}

// Who may write them could have anybody be asked, and name who is heard.
TEST_F(AListener, IsNotFoundBySettingsThatOthersMayWrite) {
  Question asked = question(serve_unix("right", &answer_hello));
  for (const mode_t mode : {0666, 0664, 0646}) {
    asked.settings = {kept(directory_.write("conf", "LogTime yes\n", mode)), "/nonexistent"};
    expect_unsafe(ask_one(asked));
  }
  asked.settings = {kept(directory_.write("open/conf", "LogTime yes\n"))};
  EXPECT_EQ(ask_one(asked).text, "hello zPING");
  ::chmod(directory_.file("open").c_str(), 0775);
  expect_unsafe(ask_one(asked));
  // Nor are others read instead.
  asked.settings[1] = kept(directory_.write("good", "LogTime yes\n"));
  expect_unsafe(ask_one(asked));
  asked.settings = {kept(directory_.file("link"))};
  ASSERT_EQ(::symlink(directory_.file("open/conf").c_str(), asked.settings[0]), 0);
  expect_unsafe(ask_one(asked));
}

}  // namespace
}  // namespace muster::answers
