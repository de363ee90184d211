// Asks registries about domains, within a look's rules, time and pace: RDAP where the TLD has a
// server of it, else WHOIS. At most one question about a domain reaches a registry; a second goes
// to the registrar that it names, only where it gave no expiry. A server that asks to be left alone
// is, also by later runs: what is to be kept for them is in the memory. One for all looks of a run,
// on the look's thread; it outlives them.
#pragma once

#include <absl/status/statusor.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "agent/probes/domain/names/public_suffixes.h"
#include "agent/probes/domain/rdap/bootstrap.h"
#include "agent/probes/domain/registration.h"
#include "agent/probes/domain/registry/server_memory.h"
#include "agent/probes/network/look.h"
#include "common/clock.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::domains::registry {

class WebTrust;

struct RegistryReply {
  enum class End {
    // `registration` is of kind kRegistered, kFree or kReserved.
    kTold,
    // Neither RDAP nor WHOIS has a server for it: `why`.
    kUnsupported,
    // `why` begins with "rate-limited: " or "failed: ", and says who and what.
    kNotTold,
  };
  End end = End::kNotTold;
  // Empty where `domain` is no name that can be registered.
  RegistrableName name = {};
  Registration registration = {};
  v1::RegistryProtocol protocol = v1::REGISTRY_PROTOCOL_UNSPECIFIED;
  // Who told it: "rdap.example.net".
  std::string server = {};
  // One sentence, printable.
  std::string why = {};
};

class Registries {
 public:
  struct Parts {
    const PublicSuffixes& suffixes;
    // Says who is who on the web.
    const WebTrust& trust;
    const Clock& clock;
    // Root's own; null: there is none.
    const rdap::Bootstrap* of_site = nullptr;
    // Of one server, from the dial to its last byte.
    Duration longest_answer = std::chrono::seconds(10);
    // Where these are; another one in tests alone.
    std::string iana_bootstrap_url = "https://data.iana.org/rdap/dns.json";
    std::string iana_whois = "whois.iana.org";
    uint16_t whois_port = 43;
  };

  // What outlives it: the parts' references. `memory`: what an earlier run left.
  Registries(Parts parts, ServerMemory memory);
  Registries(const Registries&) = delete;
  Registries& operator=(const Registries&) = delete;

  // About the registrable part of `domain`, which is written in any script. Where the look's lease
  // ends meanwhile, what it says counts for nothing.
  boost::asio::awaitable<RegistryReply> ask(network_probe::Look& look, std::string domain);

  // What the next run is to be given.
  void take_memory(ServerMemory memory);
  const ServerMemory& memory() const { return memory_; }

 private:
  friend class RegistryQuestion;

  const Parts parts_;
  ServerMemory memory_;
  // Made of the memory where somebody needs it. Shared, since a newer one may come while a look
  // still goes by this one.
  std::shared_ptr<const rdap::Bootstrap> of_iana_;
  // One look of the run asks IANA, and the others wait for what it gets.
  bool asking_for_bootstrap_ = false;
};

}  // namespace muster::domains::registry
