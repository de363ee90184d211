// What the zone above says of a zone: to whom it sends, and by which keys. One of its servers is
// asked, the next where that does not answer; where none of them may be asked, the resolver of this
// host, and that is said. One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/probes/zone/questions.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::zone {

struct Delegation {
  v1::RecordState state = v1::RECORD_STATE_UNSPECIFIED;
  // Why nothing is known, what is in its place, or who else knows the zone.
  std::string detail;
  // That the zone above sends to.
  std::set<std::string> name_servers;
  // Where the zone above says that those below the zone are.
  std::multimap<std::string, boost::asio::ip::address> glue;
  // That the resolver of this host knows in their place: not delegated to.
  std::set<std::string> other_name_servers;
  // Has the DS records of the zone, maybe none. Unset: nothing is known of them.
  std::optional<Message> signers;
  std::string signers_unknown;
};

boost::asio::awaitable<Delegation> find_delegation(Questions& questions, std::string zone);

// The name without its first label; empty: the root.
std::string name_above(std::string_view name);
// Whether it is the zone's name, or one below.
bool is_within(std::string_view name, std::string_view zone);

}  // namespace muster::zone
