#include "agent/asking/order.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace muster::answers {
namespace {

constexpr int kOrderMilliseconds = 5000;

int refuse(std::string_view program, const std::string& why, int status) {
  std::fputs((std::string(program) + ": " + why + "\n").c_str(), stderr);
  return status;
}

int read_order(std::string_view program, char& byte) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(STDIN_FILENO, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) {
    return refuse(program, "there is neither an argument nor a socket: --help", kUsageError);
  }
  if (who.uid != ::geteuid()) {
    return refuse(program, "user " + std::to_string(who.uid) + " may not ask", kNotAllowed);
  }
  pollfd polled{STDIN_FILENO, POLLIN, 0};
  const bool is_read =
      ::poll(&polled, 1, kOrderMilliseconds) == 1 && ::read(STDIN_FILENO, &byte, 1) == 1;
  return is_read ? 0 : kUsageError;
}

}  // namespace

int take_order(std::string_view program, std::span<const Order> known,
               std::span<char* const> arguments, char& byte) {
  std::string words;
  if (arguments.empty()) {
    const int refused = read_order(program, byte);
    if (refused != 0) return refused;
  }
  for (const Order& order : known) {
    words += (words.empty() ? "" : " or ") + std::string(order.word);
    if (arguments.empty() && order.byte == byte) return 0;
    if (arguments.size() == 1 && order.word == arguments[0]) {
      byte = order.byte;
      return 0;
    }
  }
  if (arguments.empty()) return kUsageError;
  return refuse(program, "it takes one argument, " + words, kUsageError);
}

}  // namespace muster::answers
