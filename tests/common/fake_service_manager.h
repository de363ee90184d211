// The end of the notify socket that systemd has: takes the messages of a test's process.
#pragma once

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

namespace muster::test {

class FakeServiceManager {
 public:
  // As in $NOTIFY_SOCKET: a path, or '@' and an abstract name.
  explicit FakeServiceManager(const std::string& address)
      : address_(address), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const bool abstract = address.front() == '@';
    std::memcpy(name.sun_path, address.data(), address.size());
    if (abstract) name.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() +
                                               (abstract ? 0 : 1));
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&name), length) != 0) std::abort();
  }
  ~FakeServiceManager() { ::close(socket_); }
  FakeServiceManager(const FakeServiceManager&) = delete;
  FakeServiceManager& operator=(const FakeServiceManager&) = delete;

  const std::string& address() const { return address_; }

  // The next message; "" if none comes within that time.
  std::string next(std::chrono::milliseconds patience = std::chrono::seconds(20)) const {
    timeval wait{.tv_sec = patience.count() / 1000, .tv_usec = (patience.count() % 1000) * 1000};
    if (wait.tv_sec == 0 && wait.tv_usec == 0) wait.tv_usec = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    std::array<char, 4096> buffer{};
    const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    return size < 0 ? "" : std::string(buffer.data(), static_cast<size_t>(size));
  }

  // Passes over messages until one has the text; "" if none comes.
  std::string next_with(const std::string& text) const {
    std::string message = next();
    while (!message.empty() && message.find(text) == std::string::npos)
      message = next();
    return message;
  }

 private:
  const std::string address_;
  const int socket_;
};

}  // namespace muster::test
