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

// Of so many hosts, each of these is one. Those in trouble are none of them.
constexpr size_t kRareOf = 16;
enum RareRegistration : size_t {
  kByHand = 1,
  kNoDate = 2,
  kUnsupported = 3,
  kFailed = 5,
  kRateLimited = 6,
  kFree = 7
};
enum RareZone : size_t {
  kBroken = 1,
  kRefused = 2,
  kTimedOut = 3,
  kNothingKnown = 5,
  kUnsigned = 6,
  kNotDelegated = 7
};

// A word that a newer agent may have.
constexpr auto kNewAnswer = static_cast<v1::ZoneAnswer>(99);

// What the target has in the place of the registry's date.
constexpr auto kDateByHand = std::chrono::year(2049) / 3 / 31;

std::string address_of_domain(size_t host) {
  if (host % kRareOf != kByHand) return watched_domain(host);
  return fmt::format(
      "{} expires={:04}-{:02}-{:02}", watched_domain(host), static_cast<int>(kDateByHand.year()),
      static_cast<unsigned>(kDateByHand.month()), static_cast<unsigned>(kDateByHand.day()));
}

void make_rare(size_t host, v1::DomainFacts& facts) {
  switch (host % kRareOf) {
    case kByHand:
      facts.clear_expires();
      *facts.mutable_expires_by_hand() = to_proto(std::chrono::sys_days(kDateByHand) + days(1));
      break;
    case kNoDate:
      facts.clear_expires();
      break;
    case kUnsupported:
    case kFree: {
      const bool is_free = host % kRareOf == kFree;
      v1::DomainFacts bare;
      bare.set_address(facts.address());
      bare.set_domain(facts.domain());
      bare.set_public_suffix(facts.public_suffix());
      bare.set_answer(is_free ? v1::REGISTRY_ANSWER_FREE : v1::REGISTRY_ANSWER_UNSUPPORTED);
      if (is_free) bare.set_protocol(facts.protocol());
      if (is_free) bare.set_server(facts.server());
      facts = bare;
      break;
    }
    default:
      break;
  }
}

void answer_with(v1::ZoneAnswer answer, v1::ZoneServer& server) {
  server.set_answer(answer);
  server.clear_serial();
  server.clear_name_servers();
}

void forget_signatures(v1::DnssecState state, v1::ZoneFacts& facts) {
  facts.set_dnssec(state);
  facts.clear_delegation_signers();
  facts.clear_signatures_expire();
  facts.clear_signatures_expire_of();
  facts.clear_signatures_begin();
}

// No record could be asked for.
void forget_records(v1::ZoneFacts& facts) {
  facts.clear_mail_exchangers();
  facts.clear_mail_exchanger_state();
  facts.clear_spf();
  facts.clear_dmarc();
  facts.clear_caa();
  facts.clear_caa_state();
  facts.clear_caa_domain();
}

void make_rare(size_t host, v1::ZoneFacts& facts) {
  switch (host % kRareOf) {
    case kBroken:
      facts.set_dnssec(v1::DNSSEC_STATE_BROKEN);
      facts.set_dnssec_detail("no key of the zone fits a DS record of the zone above");
      break;
    case kRefused:
      answer_with(v1::ZONE_ANSWER_REFUSED, *facts.mutable_servers(1));
      facts.mutable_spf()->set_state(v1::RECORD_STATE_INVALID);
      facts.mutable_spf()->set_lookups(14);
      facts.mutable_spf()->set_detail("evaluating it takes 14 look-ups, and 10 are allowed");
      break;
    case kTimedOut:
      answer_with(v1::ZONE_ANSWER_TIMED_OUT, *facts.mutable_servers(1));
      break;
    case kNothingKnown:
      for (v1::ZoneServer& server : *facts.mutable_servers())
        answer_with(kNewAnswer, server);
      forget_signatures(v1::DNSSEC_STATE_UNSPECIFIED, facts);
      facts.set_dnssec_detail("no name server answered");
      forget_records(facts);
      break;
    case kUnsigned:
      forget_signatures(v1::DNSSEC_STATE_UNSIGNED, facts);
      break;
    case kNotDelegated:
      facts.set_dnssec(v1::DNSSEC_STATE_NOT_DELEGATED);
      facts.clear_delegation_signers();
      break;
    default:
      break;
  }
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
    target.set_address(watched.kind == "domain" ? address_of_domain(host) : watched_domain(host));
    target.set_interval_milliseconds(24 * kHour);
  }
}

std::string domain_failure(size_t host) {
  switch (host % kRareOf) {
    case kFailed:
      return "failed: rdap.example.net: connection refused";
    case kRateLimited:
      return "rate-limited: rdap.example.net asked to be left alone until 2049-03-31T00:00:00Z";
    default:
      return {};
  }
}

v1::DomainFacts domain_facts(size_t host, TimePoint started) {
  v1::DomainFacts facts;
  facts.set_address(address_of_domain(host));
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
  make_rare(host, facts);
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
    answer_with(v1::ZONE_ANSWER_NOT_AUTHORITATIVE, *facts.mutable_servers(1));
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
  make_rare(host, facts);
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
