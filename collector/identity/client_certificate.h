// What a host's own certificate says of it. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "collector/fleet/host_identity.h"
#include "common/clock.h"
#include "common/openssl.h"

namespace muster::collector {

// The first certificate of a PEM. InvalidArgument: larger than 16 KiB, or none.
absl::StatusOr<X509Ptr> parse_certificate(std::string_view pem);

struct ClientCertificate {
  std::string host_id;
  PresentedIdentity identity;
  TimePoint not_after;
};

// Of a certificate that is trusted already. NotFound: it names no host, that is, it has not exactly
// one URI in its subjectAltName, or one of another form than host_id_from_uri's. InvalidArgument:
// its key or its end cannot be read.
absl::StatusOr<ClientCertificate> read_client_certificate(const X509* certificate,
                                                          std::string_view trust_domain);

}  // namespace muster::collector
