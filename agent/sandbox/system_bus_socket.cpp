#include "agent/sandbox/system_bus_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

namespace muster::agent {

Descriptor connect_to(const std::string& path) {
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // Also how long it may take to be let in.
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return {};
  }
  return socket;
}

Descriptor open_system_bus() {
  Descriptor bus = connect_to(kSystemBusSocket);
  if (bus.get() < 0) bus.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return bus;
}

}  // namespace muster::agent
