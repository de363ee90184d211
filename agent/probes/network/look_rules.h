// Where a network probe may look, of root's TargetRules: asked by the target's name, and again by
// each address that is about to be dialled. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <boost/asio/ip/address.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/network/pace_queue.h"
#include "agent/targets/allowed_targets.h"
#include "common/address.h"
#include "muster/v1/probe.pb.h"

namespace muster::network_probe {

class LookRules {
 public:
  // `kind`: of the probe, "tcp". InvalidArgument if an entry is not what agent.yml lets root write.
  static absl::StatusOr<LookRules> create(const v1::TargetRules& rules, std::string_view kind);

  // Whether a target may be looked at at all.
  bool allows(const Address& target) const;
  // Whether one that may be looked at may be looked at where its name leads.
  bool allows_at(const Address& target, const boost::asio::ip::address& address) const;
  // Of a kind that is of domains: whether a server that knows of one, a registry's or a name
  // server, may be asked at this address and port.
  bool allows_server(const boost::asio::ip::address& address, uint16_t port) const;
  // Through which proxy a target that may be looked at is reached; null: directly.
  const Address* proxy_of(const Address& target) const;
  // How fast. `at_once` is as it was.
  Pace pace() const { return pace_; }

 private:
  explicit LookRules(std::string_view kind) : kind_(kind) {}

  std::string kind_;
  std::vector<agent::AllowedTargets> allow_;
  // As root wrote them.
  std::set<std::string> own_;
  bool anywhere_ = false;
  Pace pace_;
};

}  // namespace muster::network_probe
