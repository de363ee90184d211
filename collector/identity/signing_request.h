// Reads what a stranger posts as a certificate signing request. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string_view>

#include "common/openssl.h"

namespace muster::collector {

// The public key of a PEM PKCS#10 request, if it signs itself. InvalidArgument: larger than 16 KiB,
// not a request, signature wrong, or a key that is not EC P-256 or P-384, Ed25519 or RSA of 2,048
// to 8,192 bits.
absl::StatusOr<EvpPkeyPtr> read_signing_request(std::string_view pem);

}  // namespace muster::collector
