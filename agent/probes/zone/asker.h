// How a look at a zone gets its answers: as bytes, from a name server or from the resolver of this
// host. The program's own is over the network (network_asker.h); tests have others. One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>

#include "agent/probes/zone/dns_message.h"

namespace muster::zone {

enum class Way { kUdp, kTcp };

// What became of one question.
enum class End {
  kAnswered,
  kTimedOut,
  kUnreachable,
  // targets.allow does not let that address be asked.
  kNotAllowed,
  // For want of something here.
  kNotAsked,
  kUnreadable,
};

struct Reply {
  End end = End::kNotAsked;
  // Where it is not answered.
  std::string why;
  // Of one message, without the length that TCP has before it.
  std::string bytes;
};

class Asker {
 public:
  virtual ~Asker() = default;
  // `server`: unset for the resolver of this host, which is asked to find out (RD).
  virtual boost::asio::awaitable<Reply> ask(std::optional<boost::asio::ip::address> server,
                                            Question question, Way way) = 0;
};

}  // namespace muster::zone
