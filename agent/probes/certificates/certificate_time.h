// The dates of a certificate as seconds since 1970. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>
#include <openssl/asn1.h>

#include <cstdint>

namespace muster {

// Exact from year 1 through 9999, for UTCTime and GeneralizedTime and the forms of both that
// OpenSSL reads (no seconds, fractions, offsets). InvalidArgument for what it cannot read or what a
// google.protobuf.Timestamp cannot hold; never 1970 in its place.
absl::StatusOr<int64_t> unix_seconds(const ASN1_TIME* time);

}  // namespace muster
