#include "tests/common/policy/random_served.h"

#include <algorithm>
#include <string>

#include "common/timestamp.h"
#include "tests/common/policy/facts.h"

namespace muster::testing {
namespace {

// A few of each, so that what is served is often what lies on disk, or its renewal.
void name_certificate(RandomWorld& world, v1::Certificate& certificate) {
  certificate.set_sha256(std::to_string(world.pick(1, 4)));
  certificate.add_subject_alternative_names(world.chance(80) ? "DNS:shop.example.org" : "DNS:b");
  certificate.set_public_key_sha256(world.chance(90) ? std::to_string(world.pick(1, 2)) : "");
  certificate.set_key_type(world.chance(60) ? "RSA" : world.chance(80) ? "EC" : "");
  certificate.set_key_bits(world.chance(80) ? 2048 : 512);
  certificate.set_signature_algorithm(world.chance(80) ? "sha256WithRSAEncryption"
                                                       : "sha1WithRSAEncryption");
}

v1::ServedChain random_chain(RandomWorld& world, TimePoint now) {
  v1::ServedChain chain;
  for (int64_t i = world.chance(5) ? 0 : world.pick(1, 2); i > 0; --i) {
    v1::Certificate& certificate = *chain.add_certificates();
    certificate.set_common_name("cn");
    name_certificate(world, certificate);
    *certificate.mutable_not_before() = to_proto(now - world.up_to(days(200)));
    *certificate.mutable_not_after() = to_proto(now - days(3) + world.up_to(days(90)));
    if (world.chance(5)) certificate.clear_not_after();
  }
  chain.set_trust(world.chance(60) ? v1::CHAIN_TRUST_TRUSTED
                                   : static_cast<v1::ChainTrust>(world.pick(0, 6)));
  chain.set_for_servers(world.chance(90));
  if (world.chance(30)) {
    chain.set_anchor("CN=Root");
    *chain.mutable_anchor_not_after() = to_proto(now - days(1) + world.up_to(days(90)));
  }
  return chain;
}

v1::TlsService random_service(RandomWorld& world, TimePoint now) {
  v1::TlsService service;
  service.set_address("192.0.2." + std::to_string(world.pick(1, 3)) + ":443");
  if (world.chance(80)) service.set_server_name(world.chance(70) ? "shop.example.org" : "b");
  service.set_answer(world.chance(70) ? v1::TLS_ANSWER_COMPLETED
                                      : static_cast<v1::TlsAnswer>(world.pick(0, 15)));
  service.set_chain(static_cast<uint32_t>(world.chance(90) ? world.pick(1, 2) : world.pick(0, 3)));
  service.set_name_matches(world.chance(70));
  for (const std::string version : {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}) {
    if (world.chance(30)) service.add_versions(version);
    if (world.chance(10)) service.add_versions_not_asked(version);
  }
  service.set_revocation(static_cast<v1::Revocation>(world.pick(0, 4)));
  if (world.chance(30)) {
    service.mutable_staple()->set_status(static_cast<v1::Revocation>(world.pick(0, 3)));
    *service.mutable_staple()->mutable_next_update() =
        to_proto(now - hours(6) + world.up_to(days(2)));
    if (world.chance(10)) service.mutable_staple()->set_error("its signature is wrong");
  }
  return service;
}

}  // namespace

v1::ListenerFacts random_listeners(RandomWorld& world, TimePoint now) {
  v1::ListenerFacts facts;
  for (int64_t i = world.pick(0, 3); i > 0; --i) {
    v1::Listener& listener = *facts.add_listeners();
    listener.set_address(world.chance(70) ? "0.0.0.0" : "127.0.0.1");
    listener.set_port(static_cast<uint32_t>(world.pick(443, 445)));
    listener.mutable_owner()->set_program(world.chance(80) ? "nginx" : "master");
    if (world.chance(70)) listener.mutable_owner()->set_unit("nginx.service");
    if (world.chance(10)) listener.mutable_owner()->set_container("3f2a");
    listener.set_state(world.chance(80) ? v1::LISTENER_STATE_TLS
                                        : static_cast<v1::ListenerState>(world.pick(0, 7)));
    for (int64_t j = world.pick(0, 2); j > 0; --j)
      *listener.add_services() = random_service(world, now);
    if (world.chance(5)) listener.add_names_not_asked("c");
  }
  for (int i = 0; i < 2; ++i)
    *facts.add_chains() = random_chain(world, now);
  if (world.chance(3)) facts.set_listeners_omitted(1);
  return facts;
}

v1::TlsFacts random_tls(RandomWorld& world, TimePoint now) {
  v1::TlsFacts facts;
  facts.set_address("shop.example.org:443");
  for (int64_t i = world.pick(world.chance(5) ? 0 : 1, 3); i > 0; --i)
    *facts.add_services() = random_service(world, now);
  for (int i = 0; i < 2; ++i)
    *facts.add_chains() = random_chain(world, now);
  if (world.chance(5)) facts.add_not_allowed("198.51.100.1:443");
  return facts;
}

void add_random_uses(RandomWorld& world, TimePoint now, v1::CertificateFacts& facts) {
  for (v1::CertificateFile& file : *facts.mutable_files()) {
    for (v1::Certificate& certificate : *file.mutable_certificates())
      name_certificate(world, certificate);
    *file.mutable_modified_at() = to_proto(now - world.up_to(days(3)));
    if (world.chance(60)) file.set_key_path(file.path() + ".key");
    if (world.chance(40)) {
      v1::RevocationList& list = *file.add_revocation_lists();
      *list.mutable_this_update() = to_proto(now - world.up_to(days(30)));
      *list.mutable_next_update() = to_proto(now - days(1) + world.up_to(days(9)));
    }
    if (world.chance(80)) {
      v1::KeyFile& key = *facts.add_keys();
      key.set_path(file.path() + ".key");
      key.set_public_key_sha256(world.chance(90) ? std::to_string(world.pick(1, 2)) : "");
      key.set_owner(world.chance(95) ? "root" : "");
      key.set_group(world.chance(80) ? key.owner() : "users");
      key.set_mode(world.chance(80) ? 0640 : 0644);
    }
    if (!world.chance(40)) continue;
    v1::CertificateUse& use = *facts.add_uses();
    use.set_program(world.chance(80) ? "nginx" : "postfix");
    use.set_certificate_path(world.chance(90) ? file.path() : "/gone");
    if (world.chance(60)) use.add_server_names("shop.example.org");
  }
}

}  // namespace muster::testing
