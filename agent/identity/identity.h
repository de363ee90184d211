// A host's key, the request for its certificate, and whether what came back fits. Pure but for
// randomness and pending_key; any thread.
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

// What the key signs: ECDSA or RSA PKCS #1 with SHA-256, or Ed25519.
absl::StatusOr<std::string> sign(const std::string& key_pem, const std::string& data);

// The first certificate of a PEM, alone: without the key that is beside it in identity.pem.
absl::StatusOr<std::string> certificate_of(const std::string& pem);

// Where the key waits that the next certificate is asked for: beside `identity`,
// "identity.next.pem".
std::string pending_path(const std::string& identity);

// That key, PEM: the one that is there, or else a new one, on disk before it is returned. So who
// asks again after a kill, or after an answer that was lost, asks for the same key. One that
// `identity` holds already is what a kill left, and is replaced.
absl::StatusOr<std::string> pending_key(const std::string& identity);

// OK if the certificate is for the key and signed by one of the CA certificates. All PEM.
absl::Status check_identity(const std::string& key_pem, const std::string& certificate_pem,
                            const std::string& ca_pem);

}  // namespace muster::agent
