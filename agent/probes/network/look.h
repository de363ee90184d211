// One look of a network probe, as the probe's own code sees it: where the target's name leads and
// may be looked at, and a way to dial it that keeps the rules, the pace and the lease. Nothing of a
// probe dials in another way. One thread; made and ended by LookRunner.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/network/look_request.h"
#include "agent/probes/network/look_rules.h"
#include "agent/probes/network/name_resolver.h"
#include "agent/probes/network/turns.h"
#include "agent/targets/credentials.h"
#include "common/address.h"

namespace muster::network_probe {

// How an attempt to connect ended.
struct Dial {
  enum class End {
    kConnected,
    kRefused,
    kTimedOut,
    kUnreachable,
    // It could not be made, for want of something here: `why`.
    kFailed,
    // It was not made, or given up, since the lease ended: nothing is said of the target.
    kLeaseEnded,
    // The proxy in between was reached, and does not connect: `why` has its status line.
    kProxyRefused,
  };
  End end = End::kFailed;
  std::string why = {};
  // From the call to the answer.
  Duration took{0};
};

class Look {
 public:
  struct Place {
    boost::asio::io_context& io;
    Turns& turns;
    NameResolver& resolver;
    const LookRules& rules;
    const Clock& clock;
    Duration longest_delay;
    // Null for a probe that needs none.
    const agent::Credentials* credentials;
    // The probe's, and so the targets'.
    std::string_view kind;
  };
  Look(const Place& place, const RequestedLook& look, Address target);

  boost::asio::io_context& io() { return place_.io; }
  // As it was given: "www.example.org:443".
  const std::string& address() const { return look_.address; }
  const Address& target() const { return target_; }
  // Those that may be dialled, in the order to try them; at least one, at most 16.
  const std::vector<boost::asio::ip::address>& addresses() const { return addresses_; }
  // The HTTP proxy through which root has it reached; null: directly. Then addresses() and
  // refused() are empty, since its name is not resolved here.
  const Address* proxy() const { return place_.rules.proxy_of(target_); }
  // Those that its name leads to, but that targets.allow does not list: sorted, at most 16.
  const std::vector<boost::asio::ip::address>& refused() const { return refused_; }
  // What to say at one of addresses() to be let in; null if root gave none for it and this kind.
  const agent::Credential* credential(const boost::asio::ip::address& address) const;
  // Of its time-out. What it waits for its turn does not count.
  Duration time_left() const { return time_left_; }

  // Connects to one of addresses() on the target's port within `at_most` of the time that is left.
  boost::asio::awaitable<Dial> connect(boost::asio::ip::tcp::socket& socket,
                                       boost::asio::ip::address address, Duration at_most);
  // Connects to another place that the look leads to: a responder that a certificate names, a
  // proxy. Whoever named it is not root, so it is held to the rules as a target of this kind is:
  // its name, then each address of it, one after the other until one connects. kFailed with "PLACE
  // is not in targets.allow" where it is not, and with the reason where its name leads nowhere. It
  // takes the place of what the look dialled before among those that are under way.
  boost::asio::awaitable<Dial> connect_to(boost::asio::ip::tcp::socket& socket, Address place,
                                          Duration at_most);

  // For kinds that are of domains, whose target is a name that itself is not dialled (its port is
  // 0, addresses() is empty): servers that know of it. Whoever named them is not root, so nothing
  // but may_ask says where they may be; it asks again for each address, right before it is used.
  //
  //   co_await look.connect_to_server(socket, {.host = "rdap.example.net", .port = 443}, wanted,
  //   5s);
  //
  //   const Resolution found = co_await look.resolve("ns1.example.net", 5s);
  //   if (look.may_ask(found.addresses[0], 53)) {
  //     const auto turn = co_await look.turn(found.addresses[0]);   // held until it has answered
  //     if (turn) …   // else look.lease_ended(), or more is due than the rates let
  //   }
  bool may_ask(const boost::asio::ip::address& address, uint16_t port) const {
    return place_.rules.allows_server(address, port);
  }
  // Where a name leads; spends the look's time.
  boost::asio::awaitable<Resolution> resolve(std::string name, Duration at_most);
  // Of this host, for questions that are of other things than addresses: root's word, so no rule is
  // asked for them.
  const ResolverConfig& name_servers() const { return place_.resolver.config(); }
  uint16_t name_server_port() const { return place_.resolver.port(); }
  const Clock& clock() const { return place_.clock; }
  // A turn of its own: several may be held at once.
  boost::asio::awaitable<std::optional<Turns::Turn>> turn(boost::asio::ip::address address);
  // As connect_to, to the addresses that may_ask and `wanted` let.
  using Wanted = std::function<bool(const boost::asio::ip::address&)>;
  boost::asio::awaitable<Dial> connect_to_server(boost::asio::ip::tcp::socket& socket,
                                                 Address place, Wanted wanted, Duration at_most);

  // Connects to the target through proxy(), one of its addresses after the other until one
  // connects, with root's credentials for it, if there are any. A proxy that cannot be reached is
  // kFailed with the reason: nothing is said of the target.
  boost::asio::awaitable<Dial> connect_by_proxy(boost::asio::ip::tcp::socket& socket,
                                                Duration at_most);

  // What it dialled is over: while the look does something else, others may dial in its place.
  void let_go() { turn_.reset(); }

  // What the runner knows, before and after the probe's own code.
  bool lease_ended() const { return place_.clock.uptime() >= look_.end; }
  void take_addresses(const std::vector<boost::asio::ip::address>& found);
  void spend(Duration time) { time_left_ -= std::min(time, time_left_); }

 private:
  // Whose address is dialled: of what the rules are asked, or of the proxy that they name.
  enum class Whose { kTarget, kProxy, kServer };
  bool may_dial(const Address& place, Whose whose, const boost::asio::ip::address& address) const;
  // `place`: as whose address the rules are asked for it.
  boost::asio::awaitable<Dial> connect_at(boost::asio::ip::tcp::socket& socket, Address place,
                                          boost::asio::ip::address address, Duration at_most,
                                          Whose whose = Whose::kTarget);
  // One after the other, each with an equal share of the time until `rest` is left.
  boost::asio::awaitable<Dial> connect_to_one(boost::asio::ip::tcp::socket& socket, Address place,
                                              std::vector<boost::asio::ip::address> addresses,
                                              Duration rest, Whose whose);
  boost::asio::awaitable<Dial> dial(boost::asio::ip::tcp::socket& socket, Address place,
                                    boost::asio::ip::tcp::endpoint endpoint, Duration at_most,
                                    Whose whose);
  // On a socket that is connected to the proxy of that name.
  boost::asio::awaitable<Dial> tunnel(boost::asio::ip::tcp::socket& socket, std::string name,
                                      Duration rest);
  boost::asio::awaitable<Resolution> resolve_other(Address place, Duration at_most);

  const Place place_;
  const RequestedLook& look_;
  const Address target_;
  std::vector<boost::asio::ip::address> addresses_;
  std::vector<boost::asio::ip::address> refused_;
  // Kept for as long as the look may use what it dialled.
  std::optional<Turns::Turn> turn_;
  Duration time_left_;
  // Of what it may wait for its turns.
  Duration delay_left_;
};

}  // namespace muster::network_probe
