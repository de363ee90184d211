#include "tests/simulator/watched_domains.h"

#include <fmt/format.h>

#include "common/timestamp.h"

namespace muster::simulator {
namespace {

using std::chrono::days;

// Of so many hosts, one has a domain that is unlocked and to be renewed, a lame server, ends of
// signatures near, and a look-alike.
constexpr size_t kOneOf = 4;
constexpr uint32_t kHour = 3'600'000;

bool is_in_trouble(size_t host) {
  return host % kOneOf == 0;
}

}  // namespace

std::string watched_domain(size_t host) {
  return fmt::format("sim-{:05}.example", host);
}

void add_watched_domains(size_t host, v1::AgentFacts& facts) {
  for (const WatchedDomain& watched : kWatchedDomains) {
    v1::OwnTarget& target = *facts.add_targets();
    target.set_name(std::string(watched.name));
    target.set_kind(std::string(watched.kind));
    target.set_address(watched_domain(host));
    target.set_interval_milliseconds(24 * kHour);
  }
}

v1::DomainFacts domain_facts(size_t host, TimePoint started) {
  v1::DomainFacts facts;
  facts.set_address(watched_domain(host));
  facts.set_domain(watched_domain(host));
  facts.set_public_suffix("example");
  facts.set_answer(v1::REGISTRY_ANSWER_REGISTERED);
  facts.set_protocol(v1::REGISTRY_PROTOCOL_RDAP);
  facts.set_server("rdap.example.net");
  facts.set_registrar("Registrar Example");
  *facts.mutable_created() = to_proto(started - days(1000));
  *facts.mutable_changed() = to_proto(started - days(100));
  *facts.mutable_expires() = to_proto(started + days(is_in_trouble(host) ? 20 : 200));
  facts.add_statuses(is_in_trouble(host) ? "active" : "clientTransferProhibited");
  facts.add_name_servers("ns1.example.net");
  facts.add_name_servers("ns2.example.net");
  facts.set_delegation_signed(true);
  return facts;
}

v1::ZoneFacts zone_facts(size_t host, TimePoint started) {
  v1::ZoneFacts facts;
  facts.set_address(watched_domain(host));
  facts.set_zone(watched_domain(host));
  facts.set_delegation(v1::RECORD_STATE_PRESENT);
  for (const auto& [name, address] :
       {std::pair("ns1.example.net", "192.0.2.53"), {"ns2.example.net", "198.51.100.53"}}) {
    facts.add_delegated_to(name);
    v1::ZoneServer& server = *facts.add_servers();
    server.set_name(name);
    server.set_address(address);
    server.set_delegated(true);
    server.set_answer(v1::ZONE_ANSWER_AUTHORITATIVE);
    server.set_serial(2026112101);
    server.add_name_servers("ns1.example.net");
    server.add_name_servers("ns2.example.net");
  }
  if (is_in_trouble(host)) {
    v1::ZoneServer& lame = *facts.mutable_servers(1);
    lame.set_answer(v1::ZONE_ANSWER_NOT_AUTHORITATIVE);
    lame.clear_serial();
    lame.clear_name_servers();
  }
  facts.set_dnssec(v1::DNSSEC_STATE_GOOD);
  v1::DelegationSigner& signer = *facts.add_delegation_signers();
  signer.set_key_tag(4711);
  signer.set_algorithm(13);
  signer.set_digest_type(2);
  *facts.mutable_signatures_expire() = to_proto(started + days(is_in_trouble(host) ? 1 : 12));
  facts.set_signatures_expire_of("SOA at ns1.example.net (192.0.2.53)");
  *facts.mutable_signatures_begin() = to_proto(started - days(2));
  v1::MailExchanger& mail = *facts.add_mail_exchangers();
  mail.set_preference(10);
  mail.set_host("mx1.example.net");
  facts.set_mail_exchanger_state(v1::RECORD_STATE_PRESENT);
  facts.mutable_spf()->set_state(v1::RECORD_STATE_PRESENT);
  facts.mutable_spf()->set_text("v=spf1 mx -all");
  facts.mutable_spf()->set_lookups(1);
  facts.mutable_spf()->set_all("-all");
  facts.mutable_dmarc()->set_state(is_in_trouble(host) ? v1::RECORD_STATE_ABSENT
                                                       : v1::RECORD_STATE_PRESENT);
  if (!is_in_trouble(host)) {
    facts.mutable_dmarc()->set_text("v=DMARC1; p=reject");
    facts.mutable_dmarc()->set_policy("reject");
    facts.mutable_dmarc()->set_domain(watched_domain(host));
  }
  v1::CaaRecord& authority = *facts.add_caa();
  authority.set_tag("issue");
  authority.set_value("ca.example.net");
  facts.set_caa_state(v1::RECORD_STATE_PRESENT);
  facts.set_caa_domain(watched_domain(host));
  return facts;
}

v1::LookalikeFacts lookalike_facts(size_t host, TimePoint started) {
  v1::LookalikeFacts facts;
  facts.set_address(watched_domain(host));
  facts.set_domain(watched_domain(host));
  facts.set_tried(1200);
  facts.set_unanswered(4);
  v1::Lookalike& owned = *facts.add_registered();
  owned.set_name(fmt::format("sim{:05}.example", host));
  owned.set_kind(v1::LOOKALIKE_KIND_HYPHENATION);
  owned.set_owned(true);
  owned.set_owned_because("listed by the target");
  owned.set_mail_ready(false);
  owned.set_has_address(true);
  if (!is_in_trouble(host)) return facts;
  v1::Lookalike& other = *facts.add_registered();
  other.set_name(fmt::format("slm-{:05}.example", host));
  other.set_kind(v1::LOOKALIKE_KIND_HOMOGLYPH);
  *other.mutable_registered() = to_proto(started - days(5));
  other.set_mail_ready(true);
  other.set_has_address(true);
  return facts;
}

}  // namespace muster::simulator
