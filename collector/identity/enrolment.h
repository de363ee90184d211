// Turns a join token and a certificate signing request into a host: the token is taken (and that is
// on disk) before a certificate is made. A token that names a host gives that host to the newcomer:
// what it reported stays, its certificates end. Any thread; the callback comes on the store's
// thread.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "collector/fleet/fleet.h"
#include "collector/identity/authorities.h"
#include "collector/identity/host_turns.h"
#include "collector/store/store.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

class Enrolment {
 public:
  // All outlive the object. `collectors` is what agents are told to report to; `enrol_url` is where
  // they enrol, for the answer of create_token.
  Enrolment(const Clock& clock, Store& store, Fleet& fleet, const Authorities& authorities,
            HostTurns& turns, std::vector<std::string> collectors, std::string enrol_url = {},
            Duration certificate_lifetime = std::chrono::days(7));

  // PermissionDenied: the token is unknown, used up or expired (the message does not tell which to
  // a stranger; collector/identity/token_refusal.h tells the operator). InvalidArgument: the
  // request is not a CSR with a P-256/P-384/Ed25519/RSA>=2048 key that signs itself, or the host
  // name is not one. FailedPrecondition: the host that the token is for is revoked.
  using Done = std::function<void(absl::StatusOr<v1::EnrolResponse>)>;
  void enrol(v1::EnrolRequest request, Done done);

  // Makes a token and stores its digest. InvalidArgument: lifetime 1 s to 30 days, uses 1 to
  // 100,000, at most 32 labels that are valid Prometheus label names; with a host one use.
  // FailedPrecondition: that host is revoked.
  using TokenDone = std::function<void(absl::StatusOr<v1::CreateTokenResponse>)>;
  void create_token(const v1::CreateTokenRequest& request, TokenDone done);

  // Every token that is not used up or expired, newest first.
  using TokensDone = std::function<void(absl::StatusOr<v1::TokenList>)>;
  void list_tokens(TokensDone done);

  // `id` as it is listed. Answers with the token as it was. InvalidArgument: it is no id. NotFound:
  // no token that can still be used has it.
  using RevokeDone = std::function<void(absl::StatusOr<v1::TokenSummary>)>;
  void revoke_token(const std::string& id, RevokeDone done);

 private:
  // Somebody whose token has been taken.
  struct Newcomer {
    TokenRecord token;
    v1::EnrolRequest request;
    TimePoint now;
  };

  // A unique name made from the wished one, and ours until release_name.
  absl::StatusOr<std::string> reserve_name(const std::string& wish);
  // Exactly this one. Aborted: somebody else is getting it.
  absl::Status reserve_exactly(const std::string& name);
  void release_name(const std::string& name);

  void admit(const Newcomer& newcomer, const Done& done);
  void add_host(const Newcomer& newcomer, const std::string& name, const Done& done);
  void rebind_host(const Newcomer& newcomer, const std::string& host_id, const Done& done);
  // With the host's turn.
  void rebind(const Newcomer& newcomer, const std::string& host_id, const HostTurns::Turn& turn,
              const Done& done);
  // What is stored of the certificate that `issue` makes.
  void note_certificate(const Newcomer& newcomer, const CertificateAuthority& authority,
                        IdentityRecord& identity) const;
  absl::StatusOr<v1::EnrolResponse> issue(const Newcomer& newcomer, const HostRecord& host,
                                          const CertificateAuthority& authority) const;

  const Clock& clock_;
  Store& store_;
  Fleet& fleet_;
  const Authorities& authorities_;
  HostTurns& turns_;
  std::vector<std::string> collectors_;
  std::string enrol_url_;
  Duration certificate_lifetime_;

  std::mutex mutex_;
  // Names given to enrolments under way, not yet in the fleet. Guarded by mutex_; the fleet's locks
  // may be taken under it.
  std::set<std::string> reserved_names_;
};

}  // namespace muster::collector
