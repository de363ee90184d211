#include "collector/identity/enrolment.h"

#include <fmt/format.h>

#include <utility>

#include "collector/identity/certificate_generation.h"
#include "collector/identity/host_name.h"
#include "collector/identity/join_token.h"
#include "collector/identity/signing_request.h"
#include "collector/identity/token_refusal.h"
#include "common/digest.h"
#include "common/failpoint.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kTokenLimit = 128;
constexpr size_t kMachineIdHashLimit = 64;
// Hosts that wish for one name; more is a loop, not a fleet.
constexpr size_t kMostSuffix = 10'000;
// 160 bits: nobody guesses it.
constexpr size_t kTokenBytes = 20;

absl::Status check_enrol_request(const v1::EnrolRequest& request) {
  if (request.token().empty() || request.token().size() > kTokenLimit) {
    return refused_token(TokenRefusal::kUnknown,
                         "a join token is needed: `muster-collector token create`");
  }
  if (request.machine_id_hash().size() > kMachineIdHashLimit) {
    return absl::InvalidArgumentError(
        fmt::format("the machine id hash is longer than {} bytes", kMachineIdHashLimit));
  }
  if (request.hostname().size() > kHostNameLimit ||
      sanitize_host_name(request.hostname()).empty()) {
    return absl::InvalidArgumentError(fmt::format("\"{}\" is not a host name of at most {} bytes",
                                                  printable(request.hostname(), 100),
                                                  kHostNameLimit));
  }
  return read_signing_request(request.certificate_signing_request()).status();
}

// A stranger is told the same of every token that cannot be taken; the operator is told why.
absl::Status refusal_of(const absl::Status& status) {
  TokenRefusal why = TokenRefusal::kUnknown;
  if (absl::IsDeadlineExceeded(status)) {
    why = TokenRefusal::kExpired;
  } else if (absl::IsFailedPrecondition(status)) {
    why = TokenRefusal::kUsed;
  } else if (!absl::IsNotFound(status)) {
    return status;
  }
  return refused_token(
      why,
      "the join token is not valid: it is unknown, used up or expired. Make a new one at the "
      "collector: `muster-collector token create`");
}

absl::Status revoked_host(const std::string& name) {
  return absl::FailedPreconditionError(fmt::format(
      "the host {} is revoked, and no token brings it back. If it is to join again, remove it "
      "first: `muster-collector host remove {}`",
      name, name));
}

}  // namespace

Enrolment::Enrolment(const Clock& clock, Store& store, Fleet& fleet, const Authorities& authorities,
                     HostTurns& turns, std::vector<std::string> collectors, std::string enrol_url,
                     Duration certificate_lifetime)
    : clock_(clock),
      store_(store),
      fleet_(fleet),
      authorities_(authorities),
      turns_(turns),
      collectors_(std::move(collectors)),
      enrol_url_(std::move(enrol_url)),
      certificate_lifetime_(certificate_lifetime) {}

void Enrolment::enrol(v1::EnrolRequest request, Done done) {
  // Before the token is taken: a mistake in the request must not cost a use.
  if (absl::Status status = check_enrol_request(request); !status.ok()) return done(status);
  const TimePoint now = clock_.now();
  const std::string digest = to_hex(sha256(request.token()));
  store_.take_token(digest, now,
                    [this, now, request = std::move(request),
                     done = std::move(done)](const absl::StatusOr<TokenRecord>& token) {
                      if (!token.ok()) return done(refusal_of(token.status()));
                      failpoint::pass("enrolment.token_taken");
                      admit({.token = *token, .request = request, .now = now}, done);
                    });
}

void Enrolment::admit(const Newcomer& newcomer, const Done& done) {
  const std::string& only = newcomer.token.host;
  if (only.empty()) {
    const absl::StatusOr<std::string> name = reserve_name(newcomer.request.hostname());
    if (!name.ok()) return done(name.status());
    return add_host(newcomer, *name, done);
  }
  if (const std::optional<std::string> host_id = fleet_.id_of(only)) {
    return rebind_host(newcomer, *host_id, done);
  }
  if (absl::Status status = reserve_exactly(only); !status.ok()) return done(status);
  add_host(newcomer, only, done);
}

void Enrolment::add_host(const Newcomer& newcomer, const std::string& name, const Done& done) {
  const Authorities::Root authority = authorities_.signing();
  HostRecord host;
  host.id = to_hex(random_bytes(16));
  host.name = name;
  host.labels = newcomer.token.labels;
  host.machine_id_hash = repair_utf8(newcomer.request.machine_id_hash());
  host.enrolled_at = newcomer.now;
  host.identity.generation = 1;
  note_certificate(newcomer, *authority, host.identity);
  store_.add_host(host, [this, newcomer, host, authority, done](const absl::Status& status) {
    if (!status.ok()) {
      release_name(host.name);
      return done(status);
    }
    fleet_.add_host(host);
    release_name(host.name);
    failpoint::pass("enrolment.host_added");
    const absl::StatusOr<v1::EnrolResponse> issued = issue(newcomer, host, *authority);
    failpoint::pass("enrolment.certificate_issued");
    done(issued);
  });
}

void Enrolment::rebind_host(const Newcomer& newcomer, const std::string& host_id,
                            const Done& done) {
  const absl::Status status =
      turns_.take(host_id, [this, newcomer, host_id, done](const HostTurns::Turn& turn) {
        rebind(newcomer, host_id, turn, done);
      });
  if (!status.ok()) done(status);
}

void Enrolment::rebind(const Newcomer& newcomer, const std::string& host_id,
                       const HostTurns::Turn& turn, const Done& done) {
  const std::optional<IdentityRecord> before = fleet_.identity_of(host_id);
  if (!before) return done(absl::UnavailableError("the host was just removed; try again"));
  if (before->standing == Standing::kRevoked) {
    return done(revoked_host(newcomer.token.host));
  }
  const Authorities::Root authority = authorities_.signing();
  HostRecord host;
  host.id = host_id;
  host.name = newcomer.token.host;
  host.identity = record_rebinding(*before, {}, fleet_.newest_seen(host_id));
  note_certificate(newcomer, *authority, host.identity);
  store_.put_identity(host_id, host.identity,
                      [this, newcomer, host, authority, turn, done](const absl::Status& status) {
                        if (!status.ok()) return done(status);
                        fleet_.set_identity(host.id, host.identity);
                        failpoint::pass("enrolment.host_added");
                        done(issue(newcomer, host, *authority));
                      });
}

void Enrolment::note_certificate(const Newcomer& newcomer, const CertificateAuthority& authority,
                                 IdentityRecord& identity) const {
  const absl::StatusOr<EvpPkeyPtr> key =
      read_signing_request(newcomer.request.certificate_signing_request());
  // Checked before the token was taken.
  if (key.ok()) identity.key_sha256 = public_key_sha256(key->get());
  identity.not_after = newcomer.now + certificate_lifetime_;
  identity.ca_sha256 = authority.sha256();
}

absl::StatusOr<v1::EnrolResponse> Enrolment::issue(const Newcomer& newcomer, const HostRecord& host,
                                                   const CertificateAuthority& authority) const {
  absl::StatusOr<std::string> certificate =
      authority.issue_client(newcomer.request.certificate_signing_request(), host.id,
                             host.identity.generation, newcomer.now, certificate_lifetime_);
  if (!certificate.ok()) return certificate.status();
  v1::EnrolResponse response;
  response.set_host_id(host.id);
  response.set_host(host.name);
  response.set_certificate(*std::move(certificate));
  response.set_ca_certificates(authorities_.bundle()->pem);
  response.set_generation(host.identity.generation);
  for (const std::string& collector : collectors_)
    response.add_collectors(collector);
  return response;
}

absl::StatusOr<std::string> Enrolment::reserve_name(const std::string& wish) {
  const std::string base = sanitize_host_name(wish);
  const std::lock_guard guard(mutex_);
  for (size_t number = 1; number <= kMostSuffix; ++number) {
    const std::string suffix = number == 1 ? "" : fmt::format("-{}", number);
    std::string name = base.substr(0, kHostNameLimit - suffix.size()) + suffix;
    if (reserved_names_.contains(name) || fleet_.id_of(name).has_value()) continue;
    reserved_names_.insert(name);
    return name;
  }
  return absl::ResourceExhaustedError(fmt::format(
      "{} hosts are called {} already: give this one a name of its own", kMostSuffix, base));
}

absl::Status Enrolment::reserve_exactly(const std::string& name) {
  const std::lock_guard guard(mutex_);
  if (!fleet_.id_of(name).has_value() && reserved_names_.insert(name).second) {
    return absl::OkStatus();
  }
  return absl::AbortedError(fmt::format(
      "another host is getting the name {} at this moment; make another token for it", name));
}

void Enrolment::release_name(const std::string& name) {
  const std::lock_guard guard(mutex_);
  reserved_names_.erase(name);
}

void Enrolment::create_token(const v1::CreateTokenRequest& request, TokenDone done) {
  if (absl::Status status = check_token_request(request); !status.ok()) return done(status);
  const std::optional<std::string> host_id = fleet_.id_of(request.host());
  const std::optional<IdentityRecord> identity =
      host_id ? fleet_.identity_of(*host_id) : std::nullopt;
  if (identity && identity->standing == Standing::kRevoked) {
    return done(revoked_host(request.host()));
  }
  const std::string token = "muster-" + to_hex(random_bytes(kTokenBytes));
  TokenRecord record;
  record.sha256 = to_hex(sha256(token));
  record.created_at = clock_.now();
  record.expires_at = record.created_at + std::chrono::seconds(request.lifetime_seconds());
  record.uses_left = request.uses();
  record.labels.insert(request.labels().begin(), request.labels().end());
  record.host = request.host();

  v1::CreateTokenResponse response;
  response.set_token(token);
  *response.mutable_summary() = summarize_token(record);
  response.set_ca_sha256(authorities_.signing()->sha256());
  response.set_enrol_url(enrol_url_);
  store_.put_token(std::move(record), [response = std::move(response),
                                       done = std::move(done)](const absl::Status& status) {
    if (!status.ok()) return done(status);
    done(response);
  });
}

void Enrolment::list_tokens(TokensDone done) {
  store_.list_tokens([now = clock_.now(), done = std::move(done)](
                         const absl::StatusOr<std::vector<TokenRecord>>& tokens) {
    if (!tokens.ok()) return done(tokens.status());
    v1::TokenList list;
    for (const TokenRecord& token : *tokens) {
      if (token.uses_left > 0 && now < token.expires_at)
        *list.add_tokens() = summarize_token(token);
    }
    done(std::move(list));
  });
}

void Enrolment::revoke_token(const std::string& id, RevokeDone done) {
  if (absl::Status status = check_token_id(id); !status.ok()) return done(status);
  list_tokens([this, id, done = std::move(done)](const absl::StatusOr<v1::TokenList>& list) {
    if (!list.ok()) return done(list.status());
    for (const v1::TokenSummary& token : list->tokens()) {
      if (token.id() != id) continue;
      return store_.revoke_token(id, [token, done](const absl::Status& status) {
        if (!status.ok()) return done(status);
        done(token);
      });
    }
    done(absl::NotFoundError(fmt::format(
        "no token {} can still be used; `muster-collector token list` shows those that can", id)));
  });
}

}  // namespace muster::collector
