// Every name server of a zone, at each of its addresses: those that the zone above sends to, and
// those that the zone itself names besides. One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/probes/zone/delegation.h"
#include "agent/probes/zone/questions.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::zone {

inline constexpr size_t kMostServers = 64;
inline constexpr size_t kMostNames = 32;

struct AskedServer {
  v1::ZoneServer server;
  boost::asio::ip::address address;
  // What it answered to the questions for these, where it did.
  std::optional<Message> soa;
  std::optional<Message> name_servers;
  std::optional<Message> keys;
  // Why there is no answer about its keys.
  std::string keys_unknown;

  bool authoritative() const { return server.answer() == v1::ZONE_ANSWER_AUTHORITATIVE; }
  // "ns1.example.net (192.0.2.53)"
  std::string at() const { return server.name() + " (" + server.address() + ")"; }
};

struct AskedServers {
  // By name and address.
  std::vector<AskedServer> servers;
  uint32_t omitted = 0;
};

boost::asio::awaitable<AskedServers> ask_servers(Questions& questions, std::string zone,
                                                 const Delegation& delegation);

}  // namespace muster::zone
