// A fleet with one of every kind of what ends, each a day after the one before it.
#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <string>
#include <vector>

#include "collector/expiry/expiry_calendar.h"
#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/domain_facts.pb.h"
#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "muster/v1/protection_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::collector {

// 2027-01-15T08:00:00Z.
inline constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
inline TimePoint in_days(int days) {
  return kNow + std::chrono::days(days);
}

inline SectionState section_of(const google::protobuf::Message& facts,
                               const std::string& entity = "") {
  SectionState section;
  section.entity = entity;
  section.probe = "probe";
  section.outcome = v1::OUTCOME_OBSERVED;
  section.looked_at = section.observed_at = kNow - std::chrono::hours(1);
  section.facts_type = facts.GetTypeName();
  section.facts = facts.SerializeAsString();
  return section;
}

inline v1::Certificate certificate(const std::string& name, TimePoint ends) {
  v1::Certificate certificate;
  certificate.set_common_name(name);
  *certificate.mutable_not_before() = to_proto(kNow - std::chrono::days(10));
  *certificate.mutable_not_after() = to_proto(ends);
  certificate.set_sha256("sha256 of " + name);
  return certificate;
}

// In /etc/ssl/shop.pem.
inline v1::CertificateFacts certificates(TimePoint ends, const std::string& name = "shop") {
  v1::CertificateFacts facts;
  v1::CertificateFile& file = *facts.add_files();
  file.set_path("/etc/ssl/" + name + ".pem");
  *file.add_certificates() = certificate(name, ends);
  return facts;
}

inline v1::DomainFacts domain(const std::string& name, TimePoint ends) {
  v1::DomainFacts facts;
  facts.set_domain(name);
  facts.set_answer(v1::REGISTRY_ANSWER_REGISTERED);
  facts.set_registrar("Registrar Ltd");
  *facts.mutable_expires() = to_proto(ends);
  return facts;
}

// Of a socket, a domain's and a zone's answers, and what else only a host has.
inline std::vector<SectionState> host_with_every_kind() {
  v1::CertificateFacts files = certificates(in_days(1));
  v1::CertificateFile& lists = *files.add_files();
  lists.set_path("/etc/ssl/ca.crl");
  v1::RevocationList& list = *lists.add_revocation_lists();
  list.set_issuer("CN=Example CA");
  *list.mutable_next_update() = to_proto(in_days(2));

  v1::ListenerFacts listeners;
  v1::Listener& listener = *listeners.add_listeners();
  listener.set_address("0.0.0.0");
  listener.set_port(443);
  listener.set_state(v1::LISTENER_STATE_TLS);
  v1::TlsService& service = *listener.add_services();
  service.set_address("192.0.2.7:443");
  service.set_server_name("shop.example.org");
  service.set_answer(v1::TLS_ANSWER_COMPLETED);
  service.set_chain(1);
  *listeners.add_chains()->add_certificates() = certificate("shop.example.org", in_days(3));

  v1::AgentFacts agent;
  *agent.mutable_certificate_not_after() = to_proto(in_days(6));

  v1::PackageFacts packages;
  v1::RepositoryKey& key = *packages.add_repository_keys();
  key.set_repository("bookworm");
  key.set_site("deb.debian.org");
  key.set_state(v1::REPOSITORY_KEY_STATE_VALID);
  key.set_fingerprint("ABCD");
  *key.mutable_not_after() = to_proto(in_days(7));

  v1::AntivirusFacts antivirus;
  v1::ProtectionProduct& product = *antivirus.add_products();
  product.set_product("defender");
  product.set_name("Defender");
  *product.mutable_licence_ends_at() = to_proto(in_days(8));

  v1::LifecycleFacts lifecycle;
  lifecycle.set_os_pretty_name("Debian 12");
  v1::SupportPeriod& period = *lifecycle.add_periods();
  period.set_programme("lts");
  period.set_coverage(v1::SUPPORT_COVERAGE_INCLUDED);
  *period.mutable_ends_at() = to_proto(in_days(9));

  v1::FirmwareFacts firmware;
  v1::SecureBootAuthority& authority = *firmware.mutable_secure_boot()->add_authorities();
  authority.set_list("db");
  authority.set_subject("CN=Example UEFI CA 2023");
  authority.set_fingerprint("6341e96a");
  *authority.mutable_not_after() = to_proto(in_days(12));

  return {section_of(files),     section_of(listeners), section_of(agent),   section_of(packages),
          section_of(antivirus), section_of(lifecycle), section_of(firmware)};
}

inline v1::ZoneFacts zone(const std::string& name, TimePoint ends) {
  v1::ZoneFacts facts;
  facts.set_zone(name);
  facts.set_dnssec(v1::DNSSEC_STATE_GOOD);
  *facts.mutable_signatures_expire() = to_proto(ends);
  facts.set_signatures_expire_of("SOA at ns1.example.net");
  return facts;
}

inline v1::CaStatus authorities() {
  v1::CaStatus status;
  v1::CaRoot& root = *status.add_roots();
  root.set_name("Muster CA");
  root.set_sha256("sha256");
  root.set_signs(true);
  *root.mutable_not_after() = to_proto(in_days(10));
  return status;
}

inline policy::Policy kept_dates() {
  policy::Policy policy;
  policy.dates = {{.name = "Support of the SAN",
                   .kind = "support-contract",
                   .owner = "storage",
                   .date = in_days(11),
                   .labels = {{"site", "fra"}},
                   .detail = "Contract 4711"}};
  return policy;
}

inline const Labels kWeb{{"role", "web"}, {"site", "fra"}};

inline v1::ExpiryList every_kind(ExpiryQuery query) {
  ExpiryCalendar calendar(std::move(query));
  const std::vector<SectionState> sections = host_with_every_kind();
  calendar.add(
      {.name = "web1", .kind = "host", .labels = kWeb, .owner = "shop", .sections = sections});
  const std::vector<SectionState> of_domain{
      section_of(domain("example.org", in_days(4)), "example.org")};
  calendar.add({.name = "example.org",
                .kind = "domain",
                .labels = kWeb,
                .owner = "",
                .sections = of_domain});
  const std::vector<SectionState> of_zone{
      section_of(zone("example.org", in_days(5)), "zone:example.org")};
  calendar.add({.name = "zone:example.org",
                .kind = "zone",
                .labels = kWeb,
                .owner = "",
                .sections = of_zone});
  calendar.add_dates(kept_dates());
  calendar.add_authorities(authorities());
  return calendar.take();
}

inline ExpiryQuery all_within(int days) {
  return {.now = kNow, .until = in_days(days)};
}

}  // namespace muster::collector
