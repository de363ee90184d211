// A target with something in every family, for golden text and for promtool.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "common/exposition/target_metrics.h"
#include "common/timestamp.h"
#include "muster/v1/domain_facts.pb.h"
#include "muster/v1/tcp_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"
#include "tests/common/exposition/full_host.h"
#include "tests/common/policy/facts.h"

namespace muster::testing {

inline SectionState tcp_section(v1::TcpAnswer answer) {
  v1::TcpFacts facts;
  facts.set_address("shop.example.org:443");
  facts.set_answer(answer);
  SectionState section = observed("tcp", facts);
  section.entity = "shop";
  if (answer == v1::TCP_ANSWER_CONNECTED) {
    add_measurement(section, "connect_duration_seconds", 0.0125);
  }
  return section;
}

// Of two addresses, one of which does not answer.
inline SectionState tls_section() {
  v1::TlsFacts facts;
  facts.set_address("shop.example.org:443");
  v1::TlsService& good = *facts.add_services();
  good.set_address("192.0.2.7:443");
  good.set_server_name("shop.example.org");
  good.set_answer(v1::TLS_ANSWER_COMPLETED);
  good.set_chain(1);
  good.set_revocation(v1::REVOCATION_UNKNOWN);
  good.add_versions("TLSv1.3");
  v1::TlsService& down = *facts.add_services();
  down.set_address("192.0.2.8:443");
  down.set_server_name("shop.example.org");
  down.set_answer(v1::TLS_ANSWER_REFUSED);
  // More than there are.
  down.set_chain(2);
  add_served_chain(*facts.mutable_chains());
  SectionState section = observed("tls", facts);
  section.entity = "shop";
  add_measurement(section, "connect_duration_seconds", 0.002, "192.0.2.7:443");
  add_measurement(section, "tls_handshake_duration_seconds", 0.004, "192.0.2.7:443");
  return section;
}

// A registration that ends, with what the house wrote down besides.
inline SectionState domain_section() {
  v1::DomainFacts facts;
  facts.set_address("example.org expires=2026-08-01");
  facts.set_domain("example.org");
  facts.set_answer(v1::REGISTRY_ANSWER_REGISTERED);
  facts.set_protocol(v1::REGISTRY_PROTOCOL_RDAP);
  facts.set_server("rdap.example.net");
  facts.set_registrar("Registrar \"Example\"");
  *facts.mutable_expires() = to_proto(kNow + hours(24 * 40));
  *facts.mutable_expires_by_hand() = to_proto(kNow + hours(24 * 41));
  facts.add_statuses("clientTransferProhibited");
  SectionState section = observed("domain", facts);
  section.entity = "shop";
  return section;
}

// Two servers, of which one is lame, signed, with an SPF record that nobody goes by.
inline SectionState zone_section() {
  v1::ZoneFacts facts;
  facts.set_zone("example.org");
  v1::ZoneServer& good = *facts.add_servers();
  good.set_name("ns1.example.net");
  good.set_address("192.0.2.53");
  good.set_answer(v1::ZONE_ANSWER_AUTHORITATIVE);
  good.set_serial(4'294'967'295);
  v1::ZoneServer& lame = *facts.add_servers();
  lame.set_name("ns2.example.net");
  lame.set_address("192.0.2.54");
  lame.set_answer(v1::ZONE_ANSWER_NOT_AUTHORITATIVE);
  facts.set_dnssec(v1::DNSSEC_STATE_GOOD);
  *facts.mutable_signatures_expire() = to_proto(kNow + hours(24 * 6));
  facts.set_mail_exchanger_state(v1::RECORD_STATE_PRESENT);
  facts.mutable_spf()->set_state(v1::RECORD_STATE_INVALID);
  facts.mutable_spf()->set_lookups(14);
  facts.mutable_dmarc()->set_state(v1::RECORD_STATE_ABSENT);
  v1::DkimKey& key = *facts.add_dkim_keys();
  key.set_selector("mail");
  key.set_state(v1::RECORD_STATE_PRESENT);
  SectionState section = observed("zone", facts);
  section.entity = "shop";
  return section;
}

inline v1::Lookalike& add_lookalike(v1::LookalikeFacts& facts, const char* name) {
  v1::Lookalike& one = *facts.add_registered();
  one.set_name(name);
  return one;
}

// One of the house's own, one that can take mail since lately, and one of which nothing is known.
inline SectionState lookalikes_section() {
  v1::LookalikeFacts facts;
  facts.set_domain("example.org");
  facts.set_tried(1800);
  facts.set_unanswered(3);
  v1::Lookalike& owned = add_lookalike(facts, "example.net");
  owned.set_owned(true);
  owned.set_mail_ready(true);
  *owned.mutable_registered() = to_proto(kNow);
  v1::Lookalike& ready = add_lookalike(facts, "exarnple.org");
  ready.set_mail_ready(true);
  *ready.mutable_registered() = to_proto(kNow - hours(24 * 9));
  add_lookalike(facts, "examp1e.org");
  SectionState section = observed("lookalikes", facts);
  section.entity = "shop";
  return section;
}

// As judged: of a control for hosts, one for every target and one for another kind.
struct FullTarget {
  std::vector<SectionState> sections{tcp_section(v1::TCP_ANSWER_CONNECTED), tls_section(),
                                     domain_section(), zone_section(), lookalikes_section()};
  std::vector<policy::Control> controls;
  std::vector<policy::Standing> standings{{.status = v1::STATUS_NOT_APPLICABLE},
                                          {.status = v1::STATUS_PASS},
                                          {.status = v1::STATUS_DUE, .deadline = kNow + hours(1)},
                                          {.status = v1::STATUS_NOT_APPLICABLE}};

  FullTarget() {
    for (const auto& [id, kind] :
         {std::pair("security-updates", "host"), std::pair("tcp-answers", "tcp"),
          std::pair("waivers-current", "target"), std::pair("of-another-kind", "other")}) {
      policy::Control& control = controls.emplace_back();
      control.id = id;
      control.applies_to.kind = kind;
      control.severity = v1::SEVERITY_HIGH;
    }
  }
  exposition::TargetMetricsInput input() const {
    return {.target = "shop",
            .kind = "tcp",
            .address = "shop.example.org:443",
            .sections = sections,
            .controls = controls,
            .standings = standings,
            .labels = kFullHostLabels,
            .windows = kFullHostWindows,
            .last_look = kNow,
            .holder = "watcher1"};
  }
};

}  // namespace muster::testing
