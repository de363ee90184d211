// The addresses of a name, looked up in a thread of its own: getaddrinfo(3) cannot be interrupted,
// and a collector must end in seconds whatever becomes of the name server.
#pragma once

#include <absl/status/statusor.h>

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

namespace muster::collector {

// A name or an IP address. Unavailable: there is none. DeadlineExceeded: not before `deadline`, or
// `stop` was asked for; the thread ends by itself when the system has given up.
absl::StatusOr<std::vector<boost::asio::ip::tcp::endpoint>> look_up(
    const std::string& host, uint16_t port, std::chrono::steady_clock::time_point deadline,
    const std::stop_token& stop);

}  // namespace muster::collector
