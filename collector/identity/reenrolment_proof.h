// Who asks for a certificate with one that has expired, which TLS does not take any more: the
// certificate is one of our own, and the signing request is signed with its key. Reads what a
// stranger posts. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "collector/identity/client_certificate.h"
#include "common/clock.h"
#include "muster/v1/identity.pb.h"

namespace muster::collector {

struct ReenrolmentRules {
  // PEM: the CA certificates that one of must have signed it.
  std::string_view ca_certificates;
  std::string_view trust_domain;
  // How long after its end a certificate still says who a host is; 0: not at all.
  Duration grace;
};

// The host that proved to be who it says. The signing request itself is read_signing_request's to
// check. InvalidArgument: something has not the form of what it is. PermissionDenied: the
// certificate is not one of ours for a client, it begins later, or the signature is not by its key,
// which a stranger cannot tell from one another; or it ended too long ago, which only its holder is
// told. Each of these says that a token is needed.
absl::StatusOr<ClientCertificate> check_reenrolment(const v1::ReenrolRequest& request,
                                                    const ReenrolmentRules& rules, TimePoint now);

}  // namespace muster::collector
