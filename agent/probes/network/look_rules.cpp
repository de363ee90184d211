#include "agent/probes/network/look_rules.h"

#include <fmt/format.h>

#include <limits>

#include "agent/targets/global_addresses.h"
#include "common/targets/target_kinds.h"

namespace muster::network_probe {
namespace {

absl::StatusOr<agent::AllowedTargets> entry_of(const v1::AllowedTarget& entry) {
  agent::AllowedTargets allowed;
  for (const std::string& text : entry.networks()) {
    const absl::StatusOr<agent::AllowedTargets::Network> network = agent::parse_network(text);
    if (!network.ok()) return network.status();
    allowed.networks.push_back(*network);
  }
  for (const std::string& text : entry.names()) {
    const absl::StatusOr<std::string> name = agent::parse_allowed_name(text);
    if (!name.ok()) return name.status();
    allowed.names.push_back(*name);
  }
  for (const uint32_t port : entry.ports()) {
    if (port == 0 || port > std::numeric_limits<uint16_t>::max()) {
      return absl::InvalidArgumentError(fmt::format("{} is not a port from 1 to 65535", port));
    }
    allowed.ports.push_back(static_cast<uint16_t>(port));
  }
  allowed.kinds.assign(entry.kinds().begin(), entry.kinds().end());
  if (!entry.proxy().empty()) {
    absl::StatusOr<Address> proxy = parse_address(entry.proxy());
    if (!proxy.ok()) return proxy.status();
    allowed.proxy = *std::move(proxy);
  }
  return allowed;
}

}  // namespace

absl::StatusOr<LookRules> LookRules::create(const v1::TargetRules& rules, std::string_view kind) {
  LookRules result(kind);
  for (const v1::AllowedTarget& entry : rules.allow()) {
    absl::StatusOr<agent::AllowedTargets> allowed = entry_of(entry);
    if (!allowed.ok()) return allowed.status();
    result.allow_.push_back(*std::move(allowed));
  }
  for (const std::string& text : rules.own()) {
    if (is_of_a_domain(kind)) {
      result.own_.insert(text);
      continue;
    }
    const absl::StatusOr<Address> address = parse_address(text);
    if (!address.ok()) return address.status();
    result.own_.insert(address->text());
  }
  result.anywhere_ = rules.anywhere();
  if (rules.per_second() > 0) result.pace_.per_second = rules.per_second();
  if (rules.per_address_per_second() > 0) {
    result.pace_.per_address_per_second = rules.per_address_per_second();
  }
  return result;
}

bool LookRules::allows(const Address& target) const {
  if ((target.port == 0) != is_of_a_domain(kind_)) return false;
  return anywhere_ || own_.contains(target.text()) || agent::is_allowed(allow_, target, kind_);
}

bool LookRules::allows_server(const boost::asio::ip::address& address, uint16_t port) const {
  return is_of_a_domain(kind_) &&
         (anywhere_ || agent::may_ask_server(allow_, address, port, kind_));
}

const Address* LookRules::proxy_of(const Address& target) const {
  if (anywhere_ || own_.contains(target.text())) return nullptr;
  return agent::proxy_of(allow_, target, kind_);
}

bool LookRules::allows_at(const Address& target, const boost::asio::ip::address& address) const {
  if (target.port == 0) return false;
  return anywhere_ || own_.contains(target.text()) ||
         agent::may_lead_to(allow_, target, address, kind_);
}

}  // namespace muster::network_probe
