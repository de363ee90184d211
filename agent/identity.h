// A host's key, the request for its certificate, and whether what came back fits. Pure but for
// randomness; any thread.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>

namespace muster::agent {

// A new EC P-256 key, PEM (PKCS #8).
absl::StatusOr<std::string> make_key();

// A certificate signing request for the key, PEM, with the name as its common name.
absl::StatusOr<std::string> make_signing_request(const std::string& key_pem,
                                                 const std::string& name);

// OK if the certificate is for the key and signed by one of the CA certificates. All PEM.
absl::Status check_identity(const std::string& key_pem, const std::string& certificate_pem,
                            const std::string& ca_pem);

}  // namespace muster::agent
