#include "agent/probes/network/look_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "agent/output/status_text.h"
#include "agent/probes/probe_program.h"
#include "agent/targets/global_addresses.h"
#include "common/targets/target_kinds.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::network_probe {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;

constexpr size_t kAddressShown = 300;

// Memory that ran out, and nothing else: the process ends by it, which whoever runs it tells,
// rather than with sections missing.
void end_with(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

// Of a target that its name leads nowhere that is allowed.
v1::Section leads_astray(const Look& look) {
  return probe::failed(fmt::format(
      "{} leads to {}, which targets.allow of this agent does not list for port {}; nothing was "
      "dialled",
      look.target().host, look.refused().front().to_string(), look.target().port));
}

}  // namespace

LookRunner::LookRunner(const Parts& parts, NameResolver::Sources sources, TakeSection take)
    : parts_(parts),
      take_(std::move(take)),
      turns_(parts.io, parts.pace, parts.clock),
      resolver_(parts.io, std::move(sources), parts.clock),
      room_(parts.io) {}

void LookRunner::run(std::vector<RequestedLook> looks) {
  looks_ = std::move(looks);
  std::stable_sort(
      looks_.begin(), looks_.end(),
      [](const RequestedLook& a, const RequestedLook& b) { return a.start < b.start; });
  unfinished_ = looks_.size();
  if (looks_.empty()) return;
  run_began_ = parts_.clock.uptime();
  asio::co_spawn(parts_.io, begin_all(), &end_with);
  parts_.io.run();
}

asio::awaitable<void> LookRunner::begin_all() {
  BoottimeTimer timer(parts_.io);
  for (const RequestedLook& look : looks_) {
    while (look.start > parts_.clock.uptime()) {
      timer.expires_after(look.start - parts_.clock.uptime());
      boost::system::error_code ignored;
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_await wait_for_room();
    ++begun_;
    asio::co_spawn(parts_.io, make(look), &end_with);
  }
}

asio::awaitable<void> LookRunner::wait_for_room() {
  const auto under_way = [this] { return begun_ - (looks_.size() - unfinished_); };
  while (under_way() >= most_under_way_) {
    room_.expires_after(kMoment);
    boost::system::error_code error;
    co_await room_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (!error) most_under_way_ += kBegunTogether;
  }
}

asio::awaitable<void> LookRunner::make(const RequestedLook& look) {
  std::optional<v1::Section> section = co_await section_of(look);
  if (section) {
    section->set_entity(look.entity);
    section->set_probe(std::string(parts_.probe));
    *section->mutable_observed_at() = to_proto(parts_.clock.now());
    take_(*section);
  }
  // What a resolver still waits for is nobody's any more.
  if (--unfinished_ == 0) parts_.io.stop();
  room_.cancel();
}

asio::awaitable<std::optional<v1::Section>> LookRunner::section_of(const RequestedLook& look) {
  if (parts_.clock.uptime() >= look.end) co_return std::nullopt;
  const absl::StatusOr<Address> target = look_target(parts_.probe, look.address);
  if (!target.ok()) co_return probe::failed(agent::text_of(target.status()));
  if (!parts_.rules.allows(*target)) {
    co_return probe::failed(
        fmt::format("targets.allow of this agent does not list {} for {}; nothing was dialled",
                    printable(look.address, kAddressShown), parts_.probe));
  }
  // What it waited for room is of what it may wait for its turn.
  const Duration waited = parts_.clock.uptime() - std::max(look.start, run_began_);
  Look current(
      {.io = parts_.io,
       .turns = turns_,
       .resolver = resolver_,
       .rules = parts_.rules,
       .clock = parts_.clock,
       .longest_delay = parts_.pace.longest_delay - std::min(waited, parts_.pace.longest_delay),
       .credentials = parts_.credentials,
       .kind = parts_.probe},
      look, *target);
  if (is_of_a_domain(parts_.probe)) {
    // Nothing is dialled at the domain itself.
  } else if (current.proxy() != nullptr) {
    // Its name is the proxy's to resolve.
  } else if (const std::optional<ip::address> literal = agent::parse_plain_address(target->host)) {
    current.take_addresses({*literal});
  } else {
    const Duration began = parts_.clock.uptime();
    const Resolution resolution =
        co_await resolver_.resolve(target->host, std::min(look.end, began + look.timeout));
    current.spend(parts_.clock.uptime() - began);
    if (current.lease_ended()) co_return std::nullopt;
    if (!resolution.failure.empty()) co_return probe::failed(resolution.failure);
    current.take_addresses(resolution.addresses);
  }
  if (current.addresses().empty() && !current.refused().empty()) co_return leads_astray(current);
  std::optional<v1::Section> section = co_await parts_.look(current);
  // Another may have looked since: this one would be told as the later one.
  if (current.lease_ended()) co_return std::nullopt;
  co_return section;
}

}  // namespace muster::network_probe
