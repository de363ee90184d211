#include "collector/identity/renewal.h"

#include <fmt/format.h>

#include <utility>

#include "collector/identity/certificate_generation.h"
#include "collector/identity/reenrolment_proof.h"
#include "collector/identity/signing_request.h"
#include "collector/sync/admission_refusal.h"
#include "common/failpoint.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kMachineIdHashLimit = 64;
// Peers that are remembered; hosts beyond are named without.
constexpr size_t kMostRemembered = 100'000;

constexpr const char* kEnrolAgain =
    "Enrol the host with a token: `muster-collector token create` at the collector, then "
    "`muster-agent enroll --force` here";

// The key that is asked for, if the request is as it must be.
absl::StatusOr<std::string> check_wish(std::string_view signing_request,
                                       std::string_view machine_id_hash,
                                       const ClientCertificate& certificate) {
  if (machine_id_hash.size() > kMachineIdHashLimit) {
    return absl::InvalidArgumentError(
        fmt::format("the machine id hash is longer than {} bytes", kMachineIdHashLimit));
  }
  const absl::StatusOr<EvpPkeyPtr> key = read_signing_request(signing_request);
  if (!key.ok()) return key.status();
  std::string wanted = public_key_sha256(key->get());
  // Two copies that keep their key would never differ.
  if (wanted == certificate.identity.key_sha256) {
    return absl::InvalidArgumentError(
        "a new certificate is for a new key: this one has the key of the old");
  }
  return wanted;
}

absl::Status unknown_host() {
  return absl::PermissionDeniedError(
      fmt::format("the collector does not know this host. {}", kEnrolAgain));
}

// As to one who reports, unless it is about what was asked.
absl::Status why_refused(Standing standing) {
  switch (standing) {
    case Standing::kQuarantined:
      return refusal_of(Admission::kQuarantined)->status;
    case Standing::kRevoked:
      return refusal_of(Admission::kRevoked)->status;
    case Standing::kActive:
      break;
  }
  return absl::PermissionDeniedError(
      fmt::format("a token has given the identity of this host to another key. {}", kEnrolAgain));
}

}  // namespace

void Renewal::refuse(RenewalWay way, const absl::Status& status, const std::string& host,
                     const std::string& address, const Done& done) const {
  context_.log.refused(way, status, host, address);
  done(status);
}

void Renewal::renew(std::string_view certificate, const v1::RenewRequest& request,
                    const std::string& address, const Done& done) {
  const auto way = RenewalWay::kRenewal;
  const absl::StatusOr<X509Ptr> parsed = parse_certificate(certificate);
  if (!parsed.ok()) return refuse(way, parsed.status(), "", address, done);
  absl::StatusOr<ClientCertificate> asking =
      read_client_certificate(parsed->get(), context_.authorities.signing()->trust_domain());
  if (!asking.ok()) {
    return refuse(way,
                  absl::PermissionDeniedError(fmt::format(
                      "the client certificate names no host of this collector. {}", kEnrolAgain)),
                  "", address, done);
  }
  take_turn({.way = way,
             .certificate = *std::move(asking),
             .peer = {.address = address, .machine_id_hash = request.machine_id_hash()},
             .signing_request = request.certificate_signing_request(),
             .wanted_key_sha256 = {}},
            done);
}

void Renewal::reenrol(const v1::ReenrolRequest& request, const std::string& address,
                      const Done& done) {
  const auto way = RenewalWay::kReenrolment;
  const std::string roots = context_.authorities.bundle()->pem;
  absl::StatusOr<ClientCertificate> asking =
      check_reenrolment(request,
                        {.ca_certificates = roots,
                         .trust_domain = context_.authorities.signing()->trust_domain(),
                         .grace = context_.reenrol_grace},
                        context_.clock.now());
  if (!asking.ok()) return refuse(way, asking.status(), "", address, done);
  take_turn({.way = way,
             .certificate = *std::move(asking),
             .peer = {.address = address, .machine_id_hash = request.machine_id_hash()},
             .signing_request = request.certificate_signing_request(),
             .wanted_key_sha256 = {}},
            done);
}

void Renewal::take_turn(Asker asker, const Done& done) {
  const std::string host_id = asker.certificate.host_id;
  const std::string address = asker.peer.address;
  const RenewalWay way = asker.way;
  absl::StatusOr<std::string> wanted =
      check_wish(asker.signing_request, asker.peer.machine_id_hash, asker.certificate);
  if (!wanted.ok()) return refuse(way, wanted.status(), host_id, address, done);
  asker.wanted_key_sha256 = *std::move(wanted);
  const absl::Status status =
      context_.turns.take(host_id, [this, asker = std::move(asker), done](
                                       const HostTurns::Turn& turn) { judge(asker, turn, done); });
  if (!status.ok()) refuse(way, status, host_id, address, done);
}

void Renewal::judge(const Asker& asker, const HostTurns::Turn& turn, const Done& done) {
  const std::string& host_id = asker.certificate.host_id;
  const std::optional<IdentityRecord> identity = context_.fleet.identity_of(host_id);
  const std::optional<KnownHost> host = context_.fleet.known_as(host_id);
  if (!identity || !host) {
    return refuse(asker.way, unknown_host(), host_id, asker.peer.address, done);
  }
  const RenewalDecision decision =
      judge_renewal(*identity, asker.certificate.identity, asker.wanted_key_sha256);
  IdentityRecord record =
      record_renewal(*identity, decision, asker.wanted_key_sha256, context_.clock.now());
  switch (decision.kind) {
    case RenewalDecision::Kind::kRefused:
      return refuse(asker.way, why_refused(identity->standing), host->name, asker.peer.address,
                    done);
    case RenewalDecision::Kind::kClone:
      return quarantine(asker, turn, *host, record, done);
    case RenewalDecision::Kind::kAdvance:
    case RenewalDecision::Kind::kRepeat:
      return give(asker, turn, host->name, std::move(record),
                  decision.kind == RenewalDecision::Kind::kRepeat, done);
  }
}

// Committed when it is a repetition too: the certificate is a new one, of whoever signs now.
void Renewal::give(const Asker& asker, const HostTurns::Turn& turn, const std::string& host,
                   IdentityRecord record, bool repeated, const Done& done) {
  const TimePoint now = context_.clock.now();
  const Authorities::Root authority = context_.authorities.signing();
  record.not_after = now + context_.certificate_lifetime;
  record.ca_sha256 = authority->sha256();
  context_.store.put_identity(
      asker.certificate.host_id, record,
      [this, asker, turn, host, record, repeated, now, authority,
       done](const absl::Status& status) {
        if (!status.ok()) return refuse(asker.way, status, host, asker.peer.address, done);
        failpoint::pass("renewal.identity_committed");
        context_.fleet.set_identity(asker.certificate.host_id, record);
        const absl::StatusOr<v1::RenewResponse> answer =
            issue(asker, *authority, record.generation, now);
        if (!answer.ok()) {
          return refuse(asker.way, absl::InternalError(answer.status().message()), host,
                        asker.peer.address, done);
        }
        failpoint::pass("renewal.certificate_issued");
        remember(asker);
        context_.log.given(asker.way, host, record.generation, repeated, asker.peer);
        done(answer);
      });
}

void Renewal::quarantine(const Asker& asker, const HostTurns::Turn& turn, const KnownHost& host,
                         const IdentityRecord& record, const Done& done) {
  context_.store.put_identity(
      asker.certificate.host_id, record,
      [this, asker, turn, host, record, done](const absl::Status& status) {
        if (!status.ok()) return refuse(asker.way, status, host.name, asker.peer.address, done);
        const std::string& host_id = asker.certificate.host_id;
        context_.fleet.set_identity(host_id, record);
        context_.log.clone(asker.way, host.name, host_id, asker.peer, last_given_to(host, host_id));
        done(why_refused(record.standing));
      });
}

absl::StatusOr<v1::RenewResponse> Renewal::issue(const Asker& asker,
                                                 const CertificateAuthority& authority,
                                                 uint64_t generation, TimePoint now) const {
  absl::StatusOr<std::string> certificate =
      authority.issue_client(asker.signing_request, asker.certificate.host_id, generation, now,
                             context_.certificate_lifetime);
  if (!certificate.ok()) return certificate.status();
  v1::RenewResponse response;
  response.set_certificate(*std::move(certificate));
  response.set_ca_certificates(context_.authorities.bundle()->pem);
  response.set_generation(generation);
  return response;
}

absl::StatusOr<v1::GetTrustBundleResponse> Renewal::trust_bundle(const std::string& host_id) const {
  const std::optional<IdentityRecord> identity = context_.fleet.identity_of(host_id);
  if (!identity) return unknown_host();
  if (identity->standing == Standing::kRevoked) return why_refused(identity->standing);
  v1::GetTrustBundleResponse response;
  response.set_ca_certificates(context_.authorities.bundle()->pem);
  return response;
}

void Renewal::advise(std::string_view host_id, uint64_t generation,
                     v1::SyncResponse& response) const {
  response.set_trust_bundle_sha256(context_.authorities.bundle()->sha256);
  response.set_renew_certificate(
      context_.fleet.should_renew(host_id, generation, context_.authorities.signing()->sha256()));
}

absl::Status Renewal::too_many() {
  const absl::Status status =
      absl::UnavailableError("too many hosts renew their certificates at once; try again");
  context_.log.refused(RenewalWay::kRenewal, status, "", "");
  return status;
}

void Renewal::remember(const Asker& asker) {
  const std::lock_guard guard(mutex_);
  if (given_to_.size() >= kMostRemembered) given_to_.clear();
  given_to_[asker.certificate.host_id] = asker.peer;
}

RenewalPeer Renewal::last_given_to(const KnownHost& host, const std::string& host_id) const {
  const std::lock_guard guard(mutex_);
  const auto peer = given_to_.find(host_id);
  if (peer != given_to_.end()) return peer->second;
  return {.address = {}, .machine_id_hash = host.machine_id_hash};
}

}  // namespace muster::collector
