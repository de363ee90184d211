// Zones as their name servers answer for them, for the tests of the rules about them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "muster/v1/domain_facts.pb.h"
#include "tests/common/policy/judging.h"

namespace muster::testing {

inline v1::ZoneServer& add_server(v1::ZoneFacts& facts, std::string_view name,
                                  std::string_view address, uint32_t serial = 2026112101) {
  v1::ZoneServer& server = *facts.add_servers();
  server.set_name(std::string(name));
  server.set_address(std::string(address));
  server.set_answer(v1::ZONE_ANSWER_AUTHORITATIVE);
  server.set_serial(serial);
  server.add_name_servers("ns1.example.net");
  server.add_name_servers("ns2.example.net");
  server.set_delegated(true);
  return server;
}

// Two servers that agree, signed until 20 days from now, with every record that one can wish for.
inline v1::ZoneFacts good_zone() {
  v1::ZoneFacts facts;
  facts.set_address("example.org dkim=mail");
  facts.set_zone("example.org");
  facts.set_delegation(v1::RECORD_STATE_PRESENT);
  facts.add_delegated_to("ns1.example.net");
  facts.add_delegated_to("ns2.example.net");
  add_server(facts, "ns1.example.net", "192.0.2.53");
  add_server(facts, "ns2.example.net", "198.51.100.53");
  facts.set_dnssec(v1::DNSSEC_STATE_GOOD);
  facts.add_delegation_signers()->set_key_tag(20326);
  *facts.mutable_signatures_begin() = to_proto(kNow - days(10));
  *facts.mutable_signatures_expire() = to_proto(kNow + days(20));
  facts.set_signatures_expire_of("SOA at ns2.example.net (198.51.100.53)");
  facts.set_mail_exchanger_state(v1::RECORD_STATE_PRESENT);
  facts.add_mail_exchangers()->set_host("mx1.example.org");
  facts.mutable_spf()->set_state(v1::RECORD_STATE_PRESENT);
  facts.mutable_spf()->set_all("-all");
  facts.mutable_spf()->set_lookups(3);
  facts.mutable_dmarc()->set_state(v1::RECORD_STATE_PRESENT);
  facts.mutable_dmarc()->set_domain("example.org");
  facts.mutable_dmarc()->set_policy("quarantine");
  v1::DkimKey& key = *facts.add_dkim_keys();
  key.set_selector("mail");
  key.set_state(v1::RECORD_STATE_PRESENT);
  key.set_key_type("rsa");
  key.set_key_bits(2048);
  facts.set_caa_state(v1::RECORD_STATE_PRESENT);
  facts.set_caa_domain("example.org");
  v1::CaaRecord& caa = *facts.add_caa();
  caa.set_tag("issue");
  caa.set_value("ca.example.net; account=230123");
  return facts;
}

inline policy::Control zone_control(std::string rule) {
  policy::Control control = control_of(std::move(rule));
  control.applies_to.kind = "zone";
  return control;
}

inline policy::Evaluation evaluate_zone(const policy::Control& control, const v1::ZoneFacts& facts,
                                        TimePoint now = kNow) {
  std::vector<SectionState> sections{observed("zone", facts)};
  sections[0].entity = "zone:example.org";
  return policy::evaluate({.sections = sections, .name = "zone:example.org", .kind = "zone"}, {},
                          {{control}}, now);
}

inline v1::Verdict judge_zone(const policy::Control& control, const v1::ZoneFacts& facts,
                              TimePoint now = kNow) {
  return evaluate_zone(control, facts, now).verdicts.at(0);
}

// "fail: example.org is not signed"
inline std::string said(const policy::Control& control, const v1::ZoneFacts& facts,
                        TimePoint now = kNow) {
  const v1::Verdict verdict = judge_zone(control, facts, now);
  return std::string(policy::status_name(verdict.status())) + ": " + verdict.summary();
}

}  // namespace muster::testing
