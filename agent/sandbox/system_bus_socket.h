// How a probe that may not connect to anything reaches the system bus of D-Bus: it is given a
// connection that was made before it was held. Of nothing but libc, since the privileged launcher
// links it.
#pragma once

#include <string>

#include "common/descriptor.h"

namespace muster::agent {

// Where a probe finds the connection, of which nothing was sent or read yet; or what is empty, if
// there is none.
inline constexpr int kSystemBusDescriptor = 95;

// Where the bus listens (D-Bus Specification 0.41, "Well-known Message Bus Instances").
inline constexpr const char* kSystemBusSocket = "/run/dbus/system_bus_socket";

// A stream connected to the socket `path`, which takes at most five seconds; no socket with errno.
Descriptor connect_to(const std::string& path);

// A connection to the system bus, as who calls this: the bus asks the kernel who connected, and not
// who writes. What is empty if there is none.
Descriptor open_system_bus();

}  // namespace muster::agent
