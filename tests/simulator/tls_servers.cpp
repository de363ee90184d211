#include "tests/simulator/tls_servers.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "common/digest.h"
#include "common/timestamp.h"

namespace muster::simulator {
namespace {

using std::chrono::days;

constexpr size_t kKinds = 4;
enum Story : size_t { kNotReloaded, kWell, kWeak, kSilent };

Story story_of(size_t host) {
  return static_cast<Story>(host % kKinds);
}

struct Server {
  const char* program;
  const char* unit;
  uint32_t port;
  uint64_t inode;
};
constexpr Server kNginx{"nginx", "nginx.service", 443, 20443};
constexpr Server kPostfix{"master", "postfix@-.service", 25, 20025};
constexpr Server kSsh{"sshd", "ssh.service", 22, 20022};

void set_owner(const Server& server, v1::SocketOwner& owner) {
  owner.set_program(server.program);
  owner.set_executable(fmt::format("/usr/sbin/{}", server.program));
  owner.set_unit(server.unit);
  owner.set_processes(1);
}

v1::Listener& add_listener(const Server& server, v1::ListenerState state,
                           v1::ListenerFacts& facts) {
  v1::Listener& listener = *facts.add_listeners();
  listener.set_address("0.0.0.0");
  listener.set_port(server.port);
  listener.set_inode(server.inode);
  set_owner(server, *listener.mutable_owner());
  listener.set_state(state);
  return listener;
}

// The one before the last renewal.
void make_older(TimePoint started, v1::Certificate& certificate) {
  *certificate.mutable_not_before() = to_proto(started - days(85));
  *certificate.mutable_not_after() = to_proto(started + days(5));
  certificate.set_sha256(absl::BytesToHexString(sha256(certificate.sha256())));
}

void add_authority(TimePoint started, v1::ServedChain& chain) {
  v1::Certificate& authority = *chain.add_certificates();
  authority.set_subject("CN=R11,O=Let's Encrypt,C=US");
  authority.set_issuer("CN=ISRG Root X1,O=Internet Security Research Group,C=US");
  authority.set_common_name("R11");
  authority.set_key_type("RSA");
  authority.set_key_bits(2048);
  authority.set_signature_algorithm("sha256WithRSAEncryption");
  authority.set_certificate_authority(true);
  *authority.mutable_not_before() = to_proto(started - days(400));
  *authority.mutable_not_after() = to_proto(started + days(500));
  authority.set_sha256(absl::BytesToHexString(sha256("R11")));
}

void add_service(const std::string& name, Story story, v1::Listener& listener) {
  v1::TlsService& service = *listener.add_services();
  service.set_address(fmt::format("127.0.0.1:{}", listener.port()));
  service.set_server_name(name);
  service.set_answer(v1::TLS_ANSWER_COMPLETED);
  service.set_version("TLSv1.3");
  service.set_cipher("TLS_AES_256_GCM_SHA384");
  service.set_chain(1);
  service.set_name_matches(true);
  if (story == kWeak) service.add_versions("TLSv1");
  service.add_versions("TLSv1.2");
  service.add_versions("TLSv1.3");
  if (listener.port() != kNginx.port) return;
  service.mutable_staple()->set_status(v1::REVOCATION_GOOD);
  service.set_revocation(v1::REVOCATION_GOOD);
}

}  // namespace

v1::SocketFacts socket_facts(size_t /*host*/) {
  v1::SocketFacts facts;
  for (const Server& server : {kSsh, kPostfix, kNginx}) {
    v1::ListeningSocket& socket = *facts.add_sockets();
    socket.set_address("0.0.0.0");
    socket.set_port(server.port);
    socket.set_inode(server.inode);
    set_owner(server, *socket.mutable_owner());
  }
  return facts;
}

v1::ListenerFacts listener_facts(size_t host, const v1::CertificateFacts& on_disk,
                                 TimePoint started) {
  const Story story = story_of(host);
  v1::ListenerFacts facts;
  add_listener(kSsh, v1::LISTENER_STATE_NO_TLS, facts);
  v1::Listener& postfix = add_listener(
      kPostfix, story == kSilent ? v1::LISTENER_STATE_UNKNOWN : v1::LISTENER_STATE_TLS, facts);
  v1::Listener& nginx = add_listener(
      kNginx, story == kSilent ? v1::LISTENER_STATE_UNKNOWN : v1::LISTENER_STATE_TLS, facts);
  if (story == kSilent || on_disk.files().empty()) {
    postfix.set_detail("nothing came within 10 s");
    nginx.set_detail("nothing came within 10 s");
    return facts;
  }
  v1::ServedChain& chain = *facts.add_chains();
  *chain.add_certificates() = on_disk.files(0).certificates(0);
  chain.set_for_servers(true);
  chain.set_trust(story == kWeak ? v1::CHAIN_TRUST_INCOMPLETE : v1::CHAIN_TRUST_TRUSTED);
  if (story == kWeak) {
    chain.set_trust_detail("the issuer CN=R11,O=Let's Encrypt,C=US was not served");
  } else {
    add_authority(started, chain);
  }
  if (story == kNotReloaded) make_older(started, *chain.mutable_certificates(0));
  postfix.set_starttls(v1::START_TLS_SMTP);
  const std::string name = on_disk.files(0).certificates(0).common_name();
  add_service(name, story, postfix);
  add_service(name, story, nginx);
  return facts;
}

void add_keys_and_uses(size_t host, TimePoint started, v1::CertificateFacts& facts) {
  if (facts.files().empty()) return;
  const v1::CertificateFile& web = facts.files(0);
  v1::KeyFile& key = *facts.add_keys();
  key.set_path("/etc/ssl/private/www000.key");
  key.set_key_type("EC");
  key.set_key_bits(256);
  key.set_public_key_sha256(web.certificates(0).public_key_sha256());
  key.set_owner("root");
  key.set_group("root");
  key.set_mode(story_of(host) == kNotReloaded ? 0644 : 0600);
  for (const char* program : {"nginx", "postfix"}) {
    v1::CertificateUse& use = *facts.add_uses();
    use.set_program(program);
    use.set_configured_at(fmt::format("/etc/{}/{}.conf:12", program, program));
    use.set_certificate_path(web.path());
    use.set_key_path(key.path());
    use.add_server_names(web.certificates(0).common_name());
  }
  v1::CertificateFile& vpn = *facts.add_files();
  vpn.set_path("/etc/ssl/vpn.crl");
  vpn.set_format(v1::CERTIFICATE_FORMAT_PEM);
  v1::RevocationList& list = *vpn.add_revocation_lists();
  list.set_issuer("CN=Example VPN CA");
  *list.mutable_this_update() = to_proto(started - days(1));
  *list.mutable_next_update() = to_proto(started + days(story_of(host) == kNotReloaded ? 1 : 30));
  if (story_of(host) == kNotReloaded) {
    facts.add_unread_configurations("/etc/haproxy/haproxy.cfg: Permission denied");
  }
}

}  // namespace muster::simulator
