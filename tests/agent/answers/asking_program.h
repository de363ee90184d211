// A program that asks the host, as it is installed: started by its argument, or by an order over a
// socket as systemd does.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "agent/asking/answer_table_reader.h"

namespace muster::answers {

inline constexpr int kRefusedOrder = 64;
inline constexpr int kRefusedUser = 77;

struct Ended {
  int status = -1;
  std::string text;
};

class AskingProgram {
 public:
  explicit AskingProgram(const char* path) : path_(path) {}

  // With this as standard input, or nothing.
  Ended run(std::vector<const char*> words, int input = -1) const {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    words.insert(words.begin(), path_);
    words.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(input < 0 ? ::open("/dev/null", O_RDONLY) : input, STDIN_FILENO);
      ::dup2(ends[1], STDOUT_FILENO);
      ::execv(path_, const_cast<char**>(words.data()));
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
  Ended run_with_order(const std::string& order, uid_t user = ::geteuid()) const {
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

 private:
  const char* path_;
};

// Of the answers in a table.
inline std::vector<std::string> names_in_table(const std::string& bytes) {
  std::vector<std::string> names;
  const auto table = parse_table(bytes);
  EXPECT_TRUE(table.ok()) << table.status();
  for (const Answer& answer : table.value_or(std::vector<Answer>{}))
    names.push_back(answer.name);
  return names;
}

}  // namespace muster::answers
