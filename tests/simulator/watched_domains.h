// Domains that simulated hosts look at: targets of their own of the kinds "domain", "zone" and
// "lookalikes", with something wrong at one host of four, and each rare state at one host of
// sixteen. Pure functions of the host's number; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::simulator {

struct WatchedDomain {
  // The kind, and so the probe.
  std::string_view kind;
  // Of the target: "/" and it is the entity of its sections.
  std::string_view name;
};
inline constexpr std::array<WatchedDomain, 3> kWatchedDomains{
    {{"domain", "domain"}, {"zone", "zone"}, {"lookalikes", "lookalikes"}}};

// "sim-00042.example".
std::string watched_domain(size_t host);

void add_watched_domains(size_t host, v1::AgentFacts& facts);
// Why the look-up at its registry failed, in the words of the probe; empty where it was answered.
std::string domain_failure(size_t host);
v1::DomainFacts domain_facts(size_t host, TimePoint started);
v1::ZoneFacts zone_facts(size_t host, TimePoint started);
v1::LookalikeFacts lookalike_facts(size_t host, TimePoint started);

}  // namespace muster::simulator
