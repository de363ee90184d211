// One question to a WHOIS server (RFC 3912), and its answer: within a look's rules, time and pace,
// and of a bounded size. Coroutine of the look's io_context.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>

#include "agent/probes/network/look.h"
#include "common/address.h"

namespace muster::domains::registry {

inline constexpr size_t kLargestWhoisAnswer = size_t{1} << 20;

struct WhoisReply {
  std::string answer = {};
  // "whois.example did not answer in time", printable. Empty: there is an answer, all of it.
  std::string failure = {};
};

// `question`: the line with its end. `still_wanted` is asked once it is connected, before the first
// byte: another look may have been told meanwhile that nobody shall ask.
boost::asio::awaitable<WhoisReply> ask_whois(network_probe::Look& look, Address server,
                                             std::string question,
                                             std::function<bool()> still_wanted, Duration at_most);

}  // namespace muster::domains::registry
