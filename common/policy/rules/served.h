// What is served by TLS, as the rules about it judge it: on the host's own listening sockets (the
// section "listeners") and at targets of the kind tls. One service is one address that was asked
// for one name. Pure; any thread.
//
// Its subject is stable: "443/shop.example.org" of a socket at every address, "443" where no name
// was asked for, "127.0.0.1:8443/shop.example.org" of a socket at one; "192.0.2.7:443" of a target.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/policy/rules.h"
#include "common/policy/rules/served_words.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::policy {

// The sections they are in.
inline constexpr std::string_view kListenerProbe = "listeners";
inline constexpr std::string_view kTlsProbe = "tls";

// What both sections have.
using ServedChains = google::protobuf::RepeatedPtrField<v1::ServedChain>;

// A service that showed a certificate. What it refers to lives as long as the judging.
struct Served {
  const v1::TlsService& service;
  // With a leaf at least.
  const v1::ServedChain& chain;
  // Null: a target's.
  const v1::Listener* listener;
  const v1::ListenerFacts* listeners;

  const v1::Certificate& leaf() const { return chain.certificates(0); }
};

struct ServedWords {
  // What is so of each where nothing is unmet or unknown: "3 services: `all_met`".
  std::string_view all_met;
  // Whether reasons begin with where it is served.
  bool says_where = true;
};

using JudgeServed = std::function<Judgement(const Served&)>;

// Judges each service of the host or target; the subject is given here. What showed no certificate
// is unknown where it may have one; so is a name that was not asked for yet. Not applicable where
// nothing is known to speak TLS: a socket of which it is not known is a matter of listeners_known
// alone, or each of them would make all of these unknown. A socket of a container, in a network of
// its own, is the container's: what it publishes is judged, and targets are for the rest.
RuleOutput judge_each_service(const RuleInput& input, const ServedWords& words,
                              const JudgeServed& judge);

// The chain of a service; null: none came, or its number is of none.
const v1::ServedChain* chain_of(const v1::TlsService& service, const ServedChains& chains);

}  // namespace muster::policy
