// A host to be asked: programs and servers of a test's own, in a directory that only its user may
// write to and that nobody else's hold, as the products of a host are.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "agent/answers/ask.h"
#include "tests/common/temporary_directory.h"

namespace muster::answers {

inline constexpr uid_t kSomebody = 64322;
// "nobody" of /etc/passwd.
inline constexpr uid_t kNobody = 65534;
inline const bool is_root_user = ::geteuid() == 0;

class AHost : public ::testing::Test {
 protected:
  AHost() : directory_(is_root_user ? "/run" : std::getenv("HOME")) {
    // What it serves on sockets is for who asks.
    ::chmod(directory_.path().c_str(), 0755);
    if (is_root_user) options_.asker = Account{kSomebody, kSomebody};
  }
  ~AHost() override {
    for (const pid_t server : servers_) {
      ::kill(server, SIGKILL);
      ::waitpid(server, nullptr, 0);
    }
  }

  // Of static life for a Question: as long as the test.
  const char* kept(std::string text) { return kept_.emplace_back(std::move(text)).c_str(); }

  const char* script(const std::string& name, const std::string& text) {
    return kept(directory_.write(name, "#!/bin/sh\n" + text, 0755));
  }

  static Question command(const char* path, int seconds = 60) {
    return {.name = "product", .paths = {path}, .seconds = seconds};
  }

  std::vector<Answer> ask_all(const std::vector<Question>& questions) {
    agent::SystemCalls calls;
    return ask(questions, Group::kAntivirus, options_, calls);
  }
  Answer ask_one(const Question& question) {
    const std::vector<Answer> answers = ask_all({question});
    EXPECT_EQ(answers.size(), 1);
    return answers.empty() ? Answer{} : answers.front();
  }

  // Calls it as this user, which takes root if it is another.
  template <typename Function>
  static auto as_user(uid_t user, Function function) {
    const uid_t self = ::geteuid();
    EXPECT_EQ(::seteuid(user), 0);
    const auto result = function();
    EXPECT_EQ(::seteuid(self), 0);
    return result;
  }

  // A process that does this with each connection to `listener`, at which `user` listens.
  void serve(int listener, const std::function<void(int connection)>& answer,
             uid_t user = ::geteuid()) {
    EXPECT_EQ(as_user(user, [listener] { return ::listen(listener, 8); }), 0);
    const pid_t server = ::fork();
    if (server != 0) {
      servers_.push_back(server);
      ::close(listener);
      return;
    }
    for (;;) {
      const int connection = ::accept(listener, nullptr, nullptr);
      answer(connection);
      ::close(connection);
    }
  }

  const char* serve_unix(const std::string& name, const std::function<void(int)>& answer,
                         uid_t user = ::geteuid()) {
    const char* const path = kept(directory_.file(name));
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::chmod(path, 0666);
    serve(listener, answer, user);
    return path;
  }

  test::TemporaryDirectory directory_;
  AskOptions options_;

 private:
  std::list<std::string> kept_;
  std::vector<pid_t> servers_;
};

}  // namespace muster::answers
