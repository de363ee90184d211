#include "agent/probes/network/look.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "agent/probes/network/proxy_tunnel.h"
#include "agent/targets/global_addresses.h"

namespace muster::network_probe {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;
using asio::experimental::awaitable_operators::operator||;

constexpr size_t kMostAddresses = 16;
constexpr Duration kForever = std::chrono::hours(24 * 365);
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

Dial failed(std::string why) {
  return {.end = Dial::End::kFailed, .why = std::move(why)};
}

// What connect(2) says, as an answer of the network or a trouble of this host.
Dial dial_of(const boost::system::error_code& error) {
  switch (error.value()) {
    case 0:
      return {.end = Dial::End::kConnected};
    case ECONNREFUSED:
    case ECONNRESET:
      return {.end = Dial::End::kRefused};
    case ETIMEDOUT:
      return {.end = Dial::End::kTimedOut};
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
      return {.end = Dial::End::kUnreachable};
    case EACCES:
    case EPERM:
      return {
          .end = Dial::End::kFailed,
          .why = fmt::format("this host's own firewall or routes forbid it ({})", error.message())};
    default:
      return {.end = Dial::End::kFailed, .why = error.message()};
  }
}

std::string words_of(const Dial& dial) {
  switch (dial.end) {
    case Dial::End::kRefused:
      return "refuses connections";
    case Dial::End::kTimedOut:
      return "does not answer";
    case Dial::End::kUnreachable:
      return "is unreachable";
    default:
      return fmt::format("was not dialled: {}", dial.why);
  }
}

}  // namespace

Look::Look(const Place& place, const RequestedLook& look, Address target)
    : place_(place),
      look_(look),
      target_(std::move(target)),
      time_left_(look.timeout),
      // By hand somebody waits for it.
      delay_left_(look.start > Duration(0) ? place.longest_delay : kForever) {}

void Look::take_addresses(const std::vector<ip::address>& found) {
  for (const ip::address& address : found) {
    std::vector<ip::address>& list =
        place_.rules.allows_at(target_, address) ? addresses_ : refused_;
    const ip::address plain = agent::plain_address(address);
    if (list.size() < kMostAddresses && std::find(list.begin(), list.end(), plain) == list.end()) {
      list.push_back(plain);
    }
  }
  std::sort(refused_.begin(), refused_.end());
}

const agent::Credential* Look::credential(const ip::address& address) const {
  if (place_.credentials == nullptr || !place_.rules.allows_at(target_, address)) return nullptr;
  return place_.credentials->find(address, place_.kind);
}

asio::awaitable<Dial> Look::connect(ip::tcp::socket& socket, ip::address address,
                                    Duration at_most) {
  return connect_at(socket, target_, std::move(address), at_most);
}

asio::awaitable<Resolution> Look::resolve_other(Address place, Duration at_most) {
  if (const std::optional<ip::address> literal = agent::parse_plain_address(place.host)) {
    co_return Resolution{.addresses = {*literal}, .failure = {}};
  }
  const Duration began = place_.clock.uptime();
  Resolution resolution =
      co_await place_.resolver.resolve_other(place.host, std::min(look_.end, began + at_most));
  spend(place_.clock.uptime() - began);
  if (resolution.addresses.empty() && resolution.failure.empty()) {
    resolution.failure = fmt::format("there is no {}", place.host);
  }
  co_return resolution;
}

asio::awaitable<Dial> Look::connect_to(ip::tcp::socket& socket, Address place, Duration at_most) {
  if (!place_.rules.allows(place)) {
    co_return failed(fmt::format("{} is not in targets.allow", place.text()));
  }
  if (place_.rules.proxy_of(place) != nullptr) {
    co_return failed(fmt::format("targets.allow has {} reached through a proxy", place.text()));
  }
  // What is left of the look when it gives up.
  const Duration rest = time_left_ - std::min(at_most, time_left_);
  const Resolution resolution = co_await resolve_other(place, time_left_ - rest);
  if (lease_ended()) co_return Dial{.end = Dial::End::kLeaseEnded};
  if (!resolution.failure.empty()) co_return failed(resolution.failure);
  std::vector<ip::address> allowed = resolution.addresses;
  std::erase_if(allowed, [&](const auto& to) { return !place_.rules.allows_at(place, to); });
  if (allowed.empty()) {
    co_return failed(fmt::format("{} leads to {}, which is not in targets.allow for port {}",
                                 place.host, resolution.addresses.front().to_string(), place.port));
  }
  co_return co_await connect_to_one(socket, std::move(place), std::move(allowed), rest,
                                    Whose::kTarget);
}

asio::awaitable<Resolution> Look::resolve(std::string name, Duration at_most) {
  return resolve_other({.host = std::move(name)}, std::min(at_most, time_left_));
}

asio::awaitable<std::optional<Turns::Turn>> Look::turn(ip::address address) {
  const Duration asked = place_.clock.uptime();
  std::optional<Turns::Turn> turn =
      co_await place_.turns.wait(std::move(address), std::min(asked + delay_left_, look_.end));
  if (lease_ended()) turn.reset();
  co_return turn;
}

asio::awaitable<Dial> Look::connect_to_server(ip::tcp::socket& socket, Address place, Wanted wanted,
                                              Duration at_most) {
  const Duration rest = time_left_ - std::min(at_most, time_left_);
  const Resolution resolution = co_await resolve_other(place, time_left_ - rest);
  if (lease_ended()) co_return Dial{.end = Dial::End::kLeaseEnded};
  if (!resolution.failure.empty()) co_return failed(resolution.failure);
  std::vector<ip::address> allowed = resolution.addresses;
  std::erase_if(allowed, [&](const auto& to) {
    return !may_ask(agent::plain_address(to), place.port) || !wanted(agent::plain_address(to));
  });
  if (allowed.empty()) {
    co_return failed(fmt::format("{} leads to {}, which is not an address that may be asked",
                                 place.host, resolution.addresses.front().to_string()));
  }
  co_return co_await connect_to_one(socket, std::move(place), std::move(allowed), rest,
                                    Whose::kServer);
}

asio::awaitable<Dial> Look::connect_to_one(ip::tcp::socket& socket, Address place,
                                           std::vector<ip::address> addresses, Duration rest,
                                           Whose whose) {
  addresses.resize(std::min(addresses.size(), kMostAddresses));
  auto untried = static_cast<Duration::rep>(addresses.size());
  Dial dial;
  for (const ip::address& address : addresses) {
    boost::system::error_code ignored;
    socket.close(ignored);
    const Duration left = time_left_ - std::min(rest, time_left_);
    dial =
        co_await connect_at(socket, place, agent::plain_address(address), left / untried--, whose);
    if (dial.end == Dial::End::kConnected || dial.end == Dial::End::kLeaseEnded) break;
  }
  co_return dial;
}

asio::awaitable<Dial> Look::connect_by_proxy(ip::tcp::socket& socket, Duration at_most) {
  if (proxy() == nullptr) co_return failed("no proxy is set for it");
  const Address place = *proxy();
  const Duration rest = time_left_ - std::min(at_most, time_left_);
  const Resolution resolution = co_await resolve_other(place, time_left_ - rest);
  if (lease_ended()) co_return Dial{.end = Dial::End::kLeaseEnded};
  const std::string name = fmt::format("the proxy {}", place.text());
  if (!resolution.failure.empty()) {
    co_return failed(fmt::format("{}: {}", name, resolution.failure));
  }
  const Dial dial =
      co_await connect_to_one(socket, place, resolution.addresses, rest, Whose::kProxy);
  if (dial.end == Dial::End::kLeaseEnded) co_return dial;
  if (dial.end != Dial::End::kConnected) {
    co_return failed(fmt::format("{} {}", name, words_of(dial)));
  }
  co_return co_await tunnel(socket, name, rest);
}

asio::awaitable<Dial> Look::tunnel(ip::tcp::socket& socket, std::string name, Duration rest) {
  boost::system::error_code ignored;
  const ip::address address = socket.remote_endpoint(ignored).address();
  const agent::Credential* const credential =
      place_.credentials == nullptr ? nullptr
                                    : place_.credentials->find(address, agent::kProxyKind);
  const Duration began = place_.clock.uptime();
  const Duration left = std::min(time_left_ - std::min(rest, time_left_), look_.end - began);
  const Tunnel tunnel = co_await open_tunnel(socket, connect_request(target_, credential), left);
  Dial dial{.took = place_.clock.uptime() - began};
  spend(dial.took);
  if (lease_ended()) {
    dial.end = Dial::End::kLeaseEnded;
    co_return dial;
  }
  switch (tunnel.end) {
    case Tunnel::End::kConnected:
      dial.end = Dial::End::kConnected;
      break;
    case Tunnel::End::kRefused:
      dial.end = Dial::End::kProxyRefused;
      dial.why = fmt::format("{}: {}", name, tunnel.words);
      break;
    case Tunnel::End::kTimedOut:
      dial.why = fmt::format("{} did not answer in time", name);
      break;
    case Tunnel::End::kClosed:
      dial.why = fmt::format("{} closed the connection", name);
      break;
  }
  co_return dial;
}

bool Look::may_dial(const Address& place, Whose whose, const ip::address& address) const {
  if (whose == Whose::kTarget) return place_.rules.allows_at(place, address);
  if (whose == Whose::kServer) return may_ask(address, place.port);
  // Root names it, wherever it is.
  return proxy() != nullptr && *proxy() == place && place_.rules.allows(target_);
}

asio::awaitable<Dial> Look::connect_at(ip::tcp::socket& socket, Address place, ip::address address,
                                       Duration at_most, Whose whose) {
  const ip::tcp::endpoint endpoint(address, place.port);
  const Duration asked = place_.clock.uptime();
  turn_.reset();
  std::optional<Turns::Turn> turn =
      co_await place_.turns.wait(address, std::min(asked + delay_left_, look_.end));
  delay_left_ -= std::min(place_.clock.uptime() - asked, delay_left_);
  if (turn) turn_.emplace(*std::move(turn));
  if (lease_ended()) co_return Dial{.end = Dial::End::kLeaseEnded};
  if (!turn_) {
    co_return failed(
        "more looks were due than looks_per_second or looks_per_address_per_second of agent.yml "
        "let: raise them, or look less often");
  }
  boost::system::error_code error;
  socket.open(endpoint.protocol(), error);
  if (error) {
    co_return failed(fmt::format("no socket could be made: {}", error.message()));
  }
  co_return co_await dial(socket, std::move(place), endpoint, std::min(at_most, time_left_), whose);
}

asio::awaitable<Dial> Look::dial(ip::tcp::socket& socket, Address place, ip::tcp::endpoint endpoint,
                                 Duration at_most, Whose whose) {
  BoottimeTimer timer(place_.io);
  // The rules once more, where the address is about to be used and nothing can come between.
  if (!may_dial(place, whose, endpoint.address())) {
    co_return failed("targets.allow does not list it");
  }
  const Duration began = place_.clock.uptime();
  if (began >= look_.end) co_return Dial{.end = Dial::End::kLeaseEnded};
  timer.expires_after(std::min(at_most, look_.end - began));
  // connect(2) is called before this waits.
  const auto first = co_await (socket.async_connect(endpoint, kTuple) || timer.async_wait(kTuple));
  const Duration took = place_.clock.uptime() - began;
  spend(took);
  Dial dial{.end = Dial::End::kTimedOut};
  if (first.index() == 0) dial = dial_of(std::get<0>(std::get<0>(first)));
  // Whoever holds it now says what it answers.
  if (lease_ended()) dial = {.end = Dial::End::kLeaseEnded};
  dial.took = took;
  co_return dial;
}

}  // namespace muster::network_probe
