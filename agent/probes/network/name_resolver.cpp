#include "agent/probes/network/name_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace muster::network_probe {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;

std::vector<ip::address> in_turn(const std::vector<ip::address>& ipv6,
                                 const std::vector<ip::address>& ipv4) {
  std::vector<ip::address> addresses;
  for (size_t i = 0; i < std::max(ipv6.size(), ipv4.size()); ++i) {
    if (i < ipv6.size()) addresses.push_back(ipv6[i]);
    if (i < ipv4.size()) addresses.push_back(ipv4[i]);
  }
  return addresses;
}

}  // namespace

NameResolver::NameResolver(asio::io_context& io, Sources sources, const Clock& clock)
    : io_(io), clock_(clock), sources_(std::move(sources)), hosts_(sources_.hosts) {
  if (!sources_.config.servers.empty()) channel_.emplace(io, sources_.config, sources_.port);
}

asio::awaitable<Resolution> NameResolver::resolve(std::string name, Duration until) {
  const std::string plain = plain_name(name);
  if (const auto found = hosts_.find(plain); found != hosts_.end()) {
    co_return Resolution{.addresses = found->second, .failure = {}};
  }
  // RFC 6761: nobody else is asked for it.
  if (plain == "localhost") {
    co_return Resolution{.addresses = {ip::address_v6::loopback(), ip::address_v4::loopback()},
                         .failure = {}};
  }
  if (!channel_) {
    co_return Resolution{
        .addresses = {},
        .failure = fmt::format("{} could not be looked up: /etc/resolv.conf names no name server "
                               "that can be used",
                               plain)};
  }
  const auto [position, is_new] = entries_.try_emplace(plain);
  Entry& entry = position->second;
  if (is_new) ask(plain, entry);
  // A server that is silent about one family costs half of the time, if it has told the other.
  const Duration now = clock_.uptime();
  for (const Duration pause : {now + (until - now) / 2, until}) {
    if (entry.awaited == 0 || entry.has_addresses()) break;
    BoottimeTimer timer(io_);
    timer.expires_after(pause - clock_.uptime());
    entry.waiters.insert(&timer);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    entry.waiters.erase(&timer);
  }
  co_return resolution_of(entry, plain);
}

asio::awaitable<Resolution> NameResolver::resolve_other(std::string name, Duration until) {
  const std::string plain = plain_name(name);
  if (others_.insert(plain).second) hosts_.merge(parse_hosts_file(sources_.hosts_text, {plain}));
  co_return co_await resolve(plain, until);
}

void NameResolver::ask(const std::string& name, Entry& entry) {
  for (const bool ipv6 : {false, true}) {
    channel_->look_up(name, ipv6, [&entry, ipv6](NamesAnswer answer) {
      (ipv6 ? entry.ipv6 : entry.ipv4) = std::move(answer);
      if (--entry.awaited > 0) return;
      for (BoottimeTimer* waiter : entry.waiters)
        waiter->cancel();
    });
  }
}

Resolution NameResolver::resolution_of(const Entry& entry, const std::string& name) const {
  Resolution resolution{.addresses = in_turn(entry.ipv6.addresses, entry.ipv4.addresses),
                        .failure = {}};
  if (!resolution.addresses.empty()) return resolution;
  // A family that nobody knows of may have the addresses.
  if (entry.awaited > 0) {
    resolution.failure =
        fmt::format("{} could not be looked up: {} did not answer in time", name, servers_text());
  } else if (const std::string& failure =
                 entry.ipv4.failure.empty() ? entry.ipv6.failure : entry.ipv4.failure;
             !failure.empty()) {
    resolution.failure =
        fmt::format("{} could not be looked up at {}: {}", name, servers_text(), failure);
  }
  return resolution;
}

std::string NameResolver::servers_text() const {
  std::string text;
  for (const ResolverConfig::Server& server : sources_.config.servers) {
    if (!text.empty()) text += ", ";
    text += server.address.to_string();
    if (!server.zone.empty()) text += "%" + server.zone;
  }
  return "name server " + text;
}

}  // namespace muster::network_probe
