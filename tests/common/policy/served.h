// What hosts and targets serve by TLS, for the tests of the rules about it, in a few words each.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"
#include "tests/common/policy/judging.h"

namespace muster::testing {

// A good one for its name: valid since 30 days, for another 60.
inline v1::Certificate leaf_for(std::string_view name, std::string_view sha256 = "aa") {
  v1::Certificate leaf;
  leaf.set_common_name(std::string(name));
  leaf.set_issuer("CN=Issuing");
  leaf.add_subject_alternative_names("DNS:" + std::string(name));
  leaf.set_sha256(std::string(sha256));
  leaf.set_key_type("RSA");
  leaf.set_key_bits(2048);
  leaf.set_signature_algorithm("sha256WithRSAEncryption");
  *leaf.mutable_not_before() = to_proto(kNow - days(30));
  *leaf.mutable_not_after() = to_proto(kNow + days(60));
  return leaf;
}

inline v1::Certificate with_dates(v1::Certificate certificate, TimePoint begins, TimePoint ends) {
  *certificate.mutable_not_before() = to_proto(begins);
  *certificate.mutable_not_after() = to_proto(ends);
  return certificate;
}

inline v1::ServedChain chain_with(std::vector<v1::Certificate> certificates,
                                  v1::ChainTrust trust = v1::CHAIN_TRUST_TRUSTED) {
  v1::ServedChain chain;
  for (v1::Certificate& certificate : certificates)
    *chain.add_certificates() = std::move(certificate);
  chain.set_trust(trust);
  chain.set_for_servers(true);
  return chain;
}

// One that is good, of chain `chain`; 0: it showed none.
inline v1::TlsService service_for(std::string_view name, uint32_t chain = 1) {
  v1::TlsService service;
  service.set_address("192.0.2.7:443");
  service.set_server_name(std::string(name));
  service.set_answer(v1::TLS_ANSWER_COMPLETED);
  service.set_version("TLSv1.3");
  service.add_versions("TLSv1.2");
  service.add_versions("TLSv1.3");
  service.set_name_matches(true);
  service.set_chain(chain);
  return service;
}

inline v1::Listener& add_listener(v1::ListenerFacts& facts, uint32_t port,
                                  v1::ListenerState state = v1::LISTENER_STATE_TLS,
                                  std::string_view program = "nginx",
                                  std::string_view unit = "nginx.service") {
  v1::Listener& listener = *facts.add_listeners();
  listener.set_address("0.0.0.0");
  listener.set_port(port);
  listener.mutable_owner()->set_program(std::string(program));
  listener.mutable_owner()->set_unit(std::string(unit));
  listener.set_state(state);
  return listener;
}

// nginx at port 443 with one service and its chain.
inline v1::ListenerFacts serving(const v1::TlsService& service, v1::ServedChain chain) {
  v1::ListenerFacts facts;
  *add_listener(facts, 443).add_services() = service;
  *facts.add_chains() = std::move(chain);
  return facts;
}

// A target with that one service.
inline v1::TlsFacts answering(const v1::TlsService& service, v1::ServedChain chain) {
  v1::TlsFacts facts;
  facts.set_address("shop.example.org:443");
  *facts.add_services() = service;
  *facts.add_chains() = std::move(chain);
  return facts;
}

inline v1::Verdict judge_host(const policy::Control& control, const v1::ListenerFacts& facts) {
  return judge(control, {observed("listeners", facts)});
}

inline v1::Verdict judge_target(policy::Control control, const v1::TlsFacts& facts,
                                TimePoint now = kNow) {
  control.applies_to.kind = "tls";
  std::vector<SectionState> sections{observed("tls", facts)};
  sections[0].entity = "shop";
  return policy::evaluate({.sections = sections, .name = "shop", .kind = "tls"}, {}, {{control}},
                          now)
      .verdicts.at(0);
}

}  // namespace muster::testing
