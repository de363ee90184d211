#include "common/notify_socket.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>

namespace muster {
namespace {

constexpr size_t kStatusLimit = 400;

// At most `limit` bytes, and no character cut in two: systemd drops a status that is not UTF-8.
std::string_view cut(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U)
    --limit;
  return text.substr(0, limit);
}

// Of AF_UNIX; 0: it cannot be one.
socklen_t fill(sockaddr_un& address, std::string_view text) {
  const bool abstract = text.front() == '@';
  if ((!abstract && text.front() != '/') || text.size() >= sizeof(address.sun_path)) return 0;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, text.data(), text.size());
  if (abstract) address.sun_path[0] = '\0';
  // A path ends by a zero, an abstract name by the length.
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size() + (abstract ? 0 : 1));
}

}  // namespace

std::string notify_message(std::string_view state, std::string_view status) {
  std::string message(state);
  if (status.empty()) return message;
  if (!message.empty()) message += '\n';
  message += "STATUS=";
  for (const char character : cut(status, kStatusLimit)) {
    const auto byte = static_cast<unsigned char>(character);
    message += byte < 0x20 || byte == 0x7F ? ' ' : character;
  }
  return message;
}

int NotifySocket::send(std::string_view message) const {
  if (address_.empty()) return 0;
  sockaddr_un address{};
  const socklen_t length = fill(address, address_);
  if (length == 0) return EAFNOSUPPORT;
  // A socket for each: the manager's may be another one since (daemon-reexec), and none is kept.
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return errno;
  const timeval one_second{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &one_second, sizeof(one_second));
  const ssize_t sent = ::sendto(socket, message.data(), message.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), length);
  const int error = sent < 0 ? errno : 0;
  ::close(socket);
  return error;
}

int NotifySocket::ready(std::string_view status) const {
  return send(notify_message("READY=1", status));
}

int NotifySocket::reloading() const {
  // Since systemd 253 the time is required: it tells this reload from the one before.
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const long long microseconds = now.tv_sec * 1'000'000LL + now.tv_nsec / 1000;
  return send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

int NotifySocket::stopping(std::string_view status) const {
  return send(notify_message("STOPPING=1", status));
}

int NotifySocket::status(std::string_view status) const {
  return send(notify_message("", status));
}

int NotifySocket::alive() const {
  return send("WATCHDOG=1");
}

}  // namespace muster
