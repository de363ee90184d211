// Who it is that is heard: anybody may listen where a product is looked for and is not.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "agent/answers/ways_to_ask.h"

namespace muster::answers {
namespace {

// Those that listen stand before all others; of one beyond it nothing is known.
constexpr int kMostSockets = 10'000;

bool is_one_of(std::span<const uid_t> users, uid_t user) {
  return std::find(users.begin(), users.end(), user) != users.end();
}

// Of this port of the loopback, or of all addresses.
struct Listeners {
  int believed = 0;
  int others = 0;
};

void count_listeners(const char* table, unsigned port, std::span<const uid_t> users,
                     Listeners& listeners) {
  std::FILE* const file = std::fopen(table, "re");
  if (file == nullptr) return;  // a kernel without IPv6
  char line[512];
  for (int i = 0; i < kMostSockets && std::fgets(line, sizeof line, file) != nullptr; ++i) {
    char address[33] = "";
    unsigned at = 0;
    uid_t user = 0;
    // State 0A is to listen: "0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000
    // 00000000 103 0 12345 ..."
    const bool is_listener =
        std::sscanf(line, " %*d: %32[0-9A-F]:%x %*s 0A %*s %*s %*s %u", address, &at, &user) == 3 &&
        at == port && std::strlen(address) >= 8;
    // Words as they are in memory; the last is what the address is of IPv4.
    const auto word =
        is_listener ? std::strtoul(address + std::strlen(address) - 8, nullptr, 16) : ~0UL;
    if (word == htonl(INADDR_LOOPBACK) || word == htonl(INADDR_ANY)) {
      ++(is_one_of(users, user) ? listeners.believed : listeners.others);
    }
  }
  std::fclose(file);
}

}  // namespace

bool is_believed(int socket, std::span<const uid_t> users) {
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
  if (peer.sin_family == AF_UNIX) {
    ucred who{};
    size = sizeof who;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
           is_one_of(users, who.uid);
  }
  Listeners listeners;
  count_listeners("/proc/net/tcp", ntohs(peer.sin_port), users, listeners);
  count_listeners("/proc/net/tcp6", ntohs(peer.sin_port), users, listeners);
  return listeners.believed > 0 && listeners.others == 0;
}

}  // namespace muster::answers
