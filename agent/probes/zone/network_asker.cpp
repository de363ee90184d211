#include "agent/probes/zone/network_asker.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>

#include "agent/probes/zone/dns_exchange.h"

namespace muster::zone {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;

Reply reply_of(End end, std::string why) {
  return {.end = end, .why = std::move(why), .bytes = {}};
}

// Nobody who does not see the question shall guess it.
std::optional<uint16_t> random_number() {
  std::array<unsigned char, 2> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return std::nullopt;
  return static_cast<uint16_t>(bytes[0] << 8U | bytes[1]);
}

}  // namespace

NetworkAsker::NetworkAsker(network_probe::Look& look, uint16_t port)
    : look_(look), port_(port), deadline_(look.clock().uptime() + look.time_left()) {}

Duration NetworkAsker::time_left() const {
  return std::max(Duration(0), deadline_ - look_.clock().uptime());
}

void NetworkAsker::make_up_for(Duration waited) {
  waited = std::min(waited, kLongestWait - waited_);
  waited_ += waited;
  deadline_ += waited;
}

asio::awaitable<Reply> NetworkAsker::ask(std::optional<ip::address> server, Question question,
                                         Way way) {
  if (server) {
    if (!look_.may_ask(*server, port_)) {
      co_return reply_of(End::kNotAllowed, fmt::format("targets.allow does not list {} for zone",
                                                       server->to_string()));
    }
    co_return co_await ask_at(*server, port_, std::move(question), false, way);
  }
  Reply reply = reply_of(End::kNotAsked, "this host has no name server (/etc/resolv.conf)");
  for (const auto& resolver : look_.name_servers().servers) {
    ip::address address = resolver.address;
    // A number of an interface, or its name, which nothing here looks up.
    if (!resolver.zone.empty()) continue;
    reply = co_await ask_at(address, look_.name_server_port(), question, true, way);
    if (reply.end == End::kAnswered) break;
  }
  co_return reply;
}

asio::awaitable<Reply> NetworkAsker::ask_at(ip::address address, uint16_t port, Question question,
                                            bool recursion, Way way) {
  Reply reply;
  const int tries = way == Way::kUdp ? 2 : 1;
  for (int i = 0; i < tries; ++i) {
    if (time_left() == Duration(0))
      co_return reply_of(End::kNotAsked, "the time of the look was over");
    const std::optional<uint16_t> id = random_number();
    const std::optional<std::string> bytes =
        id ? question_bytes(question, *id, recursion) : std::nullopt;
    if (!bytes) co_return reply_of(End::kNotAsked, question.name + " cannot be asked for");
    // The resolver of this host is asked as libc asks it: whenever there is something to ask.
    const Duration asked = look_.clock().uptime();
    const auto turn =
        recursion ? std::optional<network_probe::Turns::Turn>() : co_await look_.turn(address);
    make_up_for(look_.clock().uptime() - asked);
    if (!recursion && !turn) {
      co_return reply_of(End::kNotAsked, look_.lease_ended()
                                             ? "the lease ended"
                                             : "more is due than the rates of looks let");
    }
    const Duration at_most = std::min(time_left(), way == Way::kUdp ? kUdpTime : kTcpTime);
    Exchange exchange{.address = address, .port = port, .question = *bytes, .at_most = at_most};
    if (way == Way::kUdp) {
      reply = co_await exchange_by_udp(std::move(exchange));
    } else {
      reply = co_await exchange_by_tcp(std::move(exchange));
    }
    if (reply.end != End::kTimedOut) break;
  }
  co_return reply;
}

}  // namespace muster::zone
