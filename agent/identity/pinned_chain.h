// Whether a server is the collector, over HTTPS: by the CA's fingerprint that an operator was
// given, before this host has any certificate; by the roots it was given with it afterwards. Pure
// but for the clock in OpenSSL; any thread.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <openssl/x509.h>

#include <string>
#include <string_view>

namespace muster::agent {

// 64 hex digits as 32 bytes; colons between bytes and capitals are fine. InvalidArgument otherwise.
absl::StatusOr<std::string> parse_fingerprint(std::string_view text);

// OK if the chain that the server presented, leaf first, has a CA certificate whose DER has the
// SHA-256 `pin` (32 bytes), the leaf chains to it, is valid now and for servers, and is for `host`
// (a name or an IP address). PermissionDenied with what is wrong otherwise.
absl::Status check_pinned_chain(STACK_OF(X509) * chain, const std::string& pin,
                                const std::string& host);

// The same once this host has an identity: the leaf chains to one of `roots` (PEM, as in ca.pem).
absl::Status check_trusted_chain(STACK_OF(X509) * chain, const std::string& roots,
                                 const std::string& host);

}  // namespace muster::agent
