// Daemons that are asked over a socket, of a test's own.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <string>
#include <utility>

#include "tests/agent/answers/asked_world.h"

namespace muster::answers {

// What arrives until the zero that ends a question.
inline std::string read_question(int connection) {
  std::string text;
  char byte = '\0';
  while (::read(connection, &byte, 1) == 1 && byte != '\0')
    text += byte;
  return text;
}

inline void write_text(int connection, const std::string& text) {
  [[maybe_unused]] const ssize_t ignored =
      ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

inline void answer_with_peer(int connection) {
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
  // A listener of this user's on a port of the loopback, or of all addresses; and which port.
  static std::pair<int, int> loopback(uid_t user = ::geteuid(), uint32_t at = INADDR_LOOPBACK) {
    const int listener =
        as_user(user, [] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); });
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(at);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    return {listener, ntohs(address.sin_port)};
  }

  // Nobody's: not root's, and not of who asks.
  const std::string asker_ = std::to_string(is_root_user ? kSomebody : ::geteuid());
};

}  // namespace muster::answers
