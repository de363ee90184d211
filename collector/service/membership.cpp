#include "collector/service/membership.h"

#include <map>
#include <string>
#include <utility>

#include "common/log.h"
#include "common/timestamp.h"

namespace muster::collector {

absl::Status Membership::load_authorities() {
  absl::StatusOr<std::unique_ptr<Authorities>> authorities =
      Authorities::load(files_, config_.trust_domain);
  if (!authorities.ok()) return authorities.status();
  authorities_ = *std::move(authorities);
  return absl::OkStatus();
}

absl::Status Membership::apply_revocations(std::vector<StoredHost>& hosts, Store& store) {
  absl::StatusOr<std::unique_ptr<Revocations>> revocations = Revocations::open(files_.revocations);
  if (!revocations.ok()) return revocations.status();
  revocations_ = *std::move(revocations);
  const size_t again = muster::collector::apply_revocations(revocations_->all(), hosts, store);
  if (again > 0) {
    log_warning("the store is older than some revocations and removals; they are done again",
                {{"hosts", again}, {"file", files_.revocations}});
  }
  return absl::OkStatus();
}

void Membership::open(Store& store, Fleet& fleet, std::function<absl::Status()> renew) {
  enrolment_ = std::make_unique<Enrolment>(
      clock_, store, fleet, *authorities_, turns_, config_.advertise_grpc,
      "https://" + config_.advertise_http, config_.agent_certificate_lifetime);
  administration_ =
      std::make_unique<HostAdministration>(clock_, store, fleet, *revocations_, turns_);
  renewal_ = std::make_unique<Renewal>(
      RenewalContext{.clock = clock_,
                     .store = store,
                     .fleet = fleet,
                     .authorities = *authorities_,
                     .turns = turns_,
                     .log = renewal_log_,
                     .certificate_lifetime = config_.agent_certificate_lifetime,
                     .reenrol_grace = config_.reenroll_grace});
  rotation_ = std::make_unique<CaRotation>(clock_, *authorities_, fleet, std::move(renew),
                                           !config_.agent_identity);
  if (config_.agent_identity) {
    newcomers_ = std::make_unique<Newcomers>(clock_, store, fleet, *revocations_);
  }
}

absl::StatusOr<bool> Membership::ensure_certificate() {
  absl::StatusOr<ServerCertificate> certificate =
      ensure_server_certificate(files_, *authorities_->signing(), config_.names, clock_.now());
  if (!certificate.ok()) return certificate.status();
  if (certificate->reissued) {
    log_info("made a new server certificate", {{"file", files_.server_certificate},
                                               {"not_after", to_iso8601(certificate->not_after)}});
  }
  metrics_.server_certificate_not_after().Set(to_unix_seconds(certificate->not_after));
  metrics_.ca_certificate_not_after().Set(to_unix_seconds(certificate->authority_not_after));
  const KeyPair before = std::exchange(server_pair_, std::move(certificate->pair));
  return server_pair_.certificate != before.certificate;
}

void Membership::count_trust() {
  std::map<std::string, double> roots;
  for (const Authorities::Root& root : authorities_->roots())
    roots[root->sha256()] = to_unix_seconds(root->not_after());
  metrics_.set_ca_roots(roots);
  metrics_.hosts_trusting_bundle().Set(static_cast<double>(rotation_->hosts_trusting()));
}

void Membership::add_identities(SyncServerOptions& options) {
  options.certificate_path = files_.server_certificate;
  options.key_path = files_.server_key;
  options.ca_path = files_.ca_certificate;
  options.trust_domain = config_.trust_domain;
  if (!config_.agent_identity) {
    options.authorities = authorities_.get();
    return;
  }
  const AgentIdentity& identity = *config_.agent_identity;
  options.ca_path = identity.ca_file;
  options.names = identity.names;
  options.newcomers = newcomers_.get();
  if (!identity.certificate_file.empty()) {
    options.certificate_path = identity.certificate_file;
    options.key_path = identity.key_file;
  }
}

}  // namespace muster::collector
