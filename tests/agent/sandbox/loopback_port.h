// A TCP port on loopback for a probe to look at. Tests only.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/descriptor.h"

namespace muster::agent {

// On loopback: a port at which `backlog` connections are answered without anybody accepting them,
// or one where nobody listens.
struct LoopbackPort {
  explicit LoopbackPort(int backlog) : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_TRUE(backlog == 0 || ::listen(socket.get(), backlog) == 0);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    number = ntohs(address.sin_port);
  }
  Descriptor socket;
  int number = 0;
};

}  // namespace muster::agent
