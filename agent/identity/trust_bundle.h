// The CA certificates that an agent trusts collectors by: the file ca.pem. Pure but for the file;
// any thread.
#pragma once

#include <absl/status/status.h>

#include <string>

#include "common/clock.h"

namespace muster::agent {

inline constexpr size_t kTrustBundleLimit = 64 << 10;
inline constexpr size_t kMostRoots = 8;

// OK for 1 to 8 CA certificates in PEM, nothing else beside them, at most 64 KiB in all, of which
// one at least has not ended by `now`: what may take the place of the roots that are trusted.
absl::Status check_trust_bundle(const std::string& pem, TimePoint now);

// SHA-256 of the first certificate's DER in hex, as `enroll --ca-sha256` takes it; empty where the
// text holds none.
std::string first_fingerprint(const std::string& pem);

// The SHA-256 of the file's bytes, for every report: read again only once the file's stat has
// changed.
class TrustBundleFile {
 public:
  // 32 bytes; empty while it cannot be read.
  const std::string& sha256_of(const std::string& path);

 private:
  std::string path_;
  std::string fingerprint_;
  std::string sha256_;
};

}  // namespace muster::agent
