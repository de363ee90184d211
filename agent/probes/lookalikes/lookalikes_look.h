// Which names that could be taken for a domain are registered: each is asked for by the resolver of
// this host, and registries are asked since when those are registered that are somebody else's. One
// thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>

#include "agent/probes/domain/names/public_suffixes.h"
#include "agent/probes/domain/registry/registries.h"
#include "agent/probes/zone/asker.h"
#include "common/clock.h"
#include "common/targets/domain_target.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::lookalikes {

// Names in one look, and of those that are registered, how many are told of.
inline constexpr size_t kMostNames = 2000;
inline constexpr int kMostRegistered = 500;
// Questions to registries in one look.
inline constexpr size_t kMostDates = 40;

struct LookalikesParts {
  zone::Asker& asker;
  const domains::PublicSuffixes& suffixes;
  const Clock& clock;
  // What the registry says of a name; for those that are somebody else's, mail-ready ones first.
  std::function<boost::asio::awaitable<domains::registry::RegistryReply>(std::string name)>
      ask_registry;
  // In all; what does not fit is unanswered.
  Duration at_most = std::chrono::seconds(60);
  // Questions to the resolver a second.
  size_t per_second = 100;
};

// `domain`: the registrable part of the target's name. A suffix below which names exist that nobody
// can have registered (a wildcard, or a resolver that answers everything) tells nothing: all of its
// names are unanswered.
boost::asio::awaitable<v1::LookalikeFacts> look_for_lookalikes(LookalikesParts parts,
                                                               LookalikesTarget target,
                                                               domains::RegistrableName domain);

}  // namespace muster::lookalikes
