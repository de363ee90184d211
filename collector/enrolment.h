// Turns a join token and a certificate signing request into a host: the token is taken (and that is
// on disk) before a certificate is made. Any thread; the callback comes on the store's thread.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "collector/authorities.h"
#include "collector/fleet.h"
#include "collector/store.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

class Enrolment {
 public:
  // All outlive the object. `collectors` is what agents are told to report to; `enrol_url` is where
  // they enrol, for the answer of create_token.
  Enrolment(const Clock& clock, Store& store, Fleet& fleet, const Authorities& authorities,
            std::vector<std::string> collectors, std::string enrol_url = {},
            Duration certificate_lifetime = std::chrono::days(90));

  // PermissionDenied: the token is unknown, used up or expired (the message does not tell which to
  // a stranger; collector/token_refusal.h tells the operator). InvalidArgument: the request is not
  // a CSR with a P-256/P-384/Ed25519/RSA>=2048 key that signs itself, or the host name is not one.
  using Done = std::function<void(absl::StatusOr<v1::EnrolResponse>)>;
  void enrol(v1::EnrolRequest request, Done done);

  // Makes a token and stores its digest. InvalidArgument: lifetime 1 s to 30 days, uses 1 to
  // 100,000, at most 32 labels that are valid Prometheus label names.
  using TokenDone = std::function<void(absl::StatusOr<v1::CreateTokenResponse>)>;
  void create_token(const v1::CreateTokenRequest& request, TokenDone done);

  // Every token that is not used up or expired, newest first.
  using TokensDone = std::function<void(absl::StatusOr<v1::TokenList>)>;
  void list_tokens(TokensDone done);

 private:
  const Clock& clock_;
  Store& store_;
  Fleet& fleet_;
  const Authorities& authorities_;
  std::vector<std::string> collectors_;
  std::string enrol_url_;
  Duration certificate_lifetime_;

  // A unique name made from the wished one, and ours until release_name.
  absl::StatusOr<std::string> reserve_name(const std::string& wish);
  void release_name(const std::string& name);
  void add_host(const HostRecord& host, const std::string& signing_request, Done done);
  absl::StatusOr<v1::EnrolResponse> issue(const HostRecord& host,
                                          const std::string& signing_request) const;

  std::mutex mutex_;
  // Names given to enrolments under way, not yet in the fleet. Guarded by mutex_; the fleet's locks
  // may be taken under it.
  std::set<std::string> reserved_names_;
};

}  // namespace muster::collector
