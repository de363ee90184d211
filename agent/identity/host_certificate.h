// What this host's own certificate says, as the fleet's CA made it, and when it is to be renewed.
// Pure but for HostCertificateFile; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>

#include "common/clock.h"

namespace muster::agent {

struct HostCertificate {
  // Who it is for: "spiffe://<trust domain>/host/<id>", the only URI of its subjectAltName; empty
  // where it has none, or several.
  std::string host_uri;
  // Counts the host's certificates; 0 where it says nothing.
  uint64_t generation = 0;
  // By the collector's clock: a certificate of ours begins 24 h before it is made, so that a clock
  // that is behind takes it.
  TimePoint issued_at;
  TimePoint not_after;

  friend bool operator==(const HostCertificate&, const HostCertificate&) = default;
};

// The first certificate of a PEM; other blocks before it are passed over.
absl::StatusOr<HostCertificate> parse_host_certificate(const std::string& pem);

// Half its life, moved by up to a twentieth of it in either direction, so that hosts that joined
// together do not renew together. `random` is in [0, 1).
TimePoint renewal_time(const HostCertificate& certificate, double random);

// The certificate of a file, for every report: parsed again only once the file's stat has changed.
class HostCertificateFile {
 public:
  // Unset while it cannot be read; see error().
  const std::optional<HostCertificate>& read(const std::string& path);
  const absl::Status& error() const { return error_; }

 private:
  std::string path_;
  std::string fingerprint_;
  std::optional<HostCertificate> certificate_;
  absl::Status error_;
};

}  // namespace muster::agent
