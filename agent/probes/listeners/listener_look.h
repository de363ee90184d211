// One look of the probe "listeners": dials this host's own listening sockets, one connection each,
// and lays what they say to what was known. See README.md.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>

#include "agent/probes/listeners/given_sections.h"
#include "agent/probes/listeners/leave_alone.h"
#include "agent/probes/tls/chain_verification.h"
#include "common/clock.h"
#include "muster/v1/section.pb.h"

namespace muster::listeners {

// Connections at once, and to the sockets of one process.
inline constexpr size_t kMostAtOnce = 8;
// A connection takes no longer, and none begins after so long: the rest is asked at the next look.
inline constexpr Duration kConnectionTakes = std::chrono::seconds(10);
inline constexpr Duration kLookTakes = std::chrono::seconds(120);

struct LookParts {
  const LeaveAlone& leave_alone;
  const tls::TrustStore& store;
  // Whether an address may be dialled: is_own_address, but for tests.
  std::function<bool(const boost::asio::ip::address&)> may_dial;
  Duration connection_takes = kConnectionTakes;
  Duration look_takes = kLookTakes;
};

// Runs an io_context of its own until every answer is there.
v1::Section look_at_listeners(const Given& given, const LookParts& parts);

}  // namespace muster::listeners
