// The files of the collector's state directory: the CA, the server certificate and where the rest
// is. Calls block.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <vector>

#include "collector/identity/certificate_authority.h"
#include "common/clock.h"

namespace muster::collector {

// Paths within a state directory.
struct StateFiles {
  explicit StateFiles(const std::string& state_directory);

  std::string directory;
  // Every CA that is trusted; see authorities.h.
  std::string ca_certificate;
  std::string ca_key;
  std::string ca_active;
  // Of a CA that was made later, by its fingerprint in hex.
  std::string ca_key_of(const std::string& ca_sha256) const;
  // The server certificate followed by the CA's: agents that enrol pin the CA of this chain.
  std::string server_certificate;
  std::string server_key;
  std::string store;
  // Who was revoked or removed; see revocations.h.
  std::string revocations;
  std::string administration_socket;
};

// Removes what a kill left while one of them was written. Only the one collector of the directory.
void remove_temporary_files(const StateFiles& files);

// The server certificate in place. `reissued`: it was missing, ends in less than 30 days, does not
// have one of the names or is not the authority's, and a new one was written.
struct ServerCertificate {
  KeyPair pair;
  TimePoint not_after;
  // Of the CA's own certificate.
  TimePoint authority_not_after;
  bool reissued = false;
};
absl::StatusOr<ServerCertificate> ensure_server_certificate(const StateFiles& files,
                                                            const CertificateAuthority& authority,
                                                            const std::vector<std::string>& names,
                                                            TimePoint now);

// Whether they can be read and belong together; pure.
bool is_key_pair(const KeyPair& pair);

// When the certificate ends, if it is good for that much longer for those names and the
// authority's; pure.
std::optional<TimePoint> usable_until(const KeyPair& pair, const CertificateAuthority& authority,
                                      const std::vector<std::string>& names, TimePoint now);

}  // namespace muster::collector
