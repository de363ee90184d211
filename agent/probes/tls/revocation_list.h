// A revocation list (CRL, RFC 5280) as one that may be asked about certificates of its issuer:
// walked, not decoded, since 16 MiB of it would be 200 MiB of objects. Foreign bytes; pure, any
// thread.
#pragma once

#include <absl/status/statusor.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/tls/revocation_answer.h"
#include "common/clock.h"

namespace muster::tls {

class RevocationList {
 public:
  // InvalidArgument with why it is no list of that issuer: it cannot be read, its signature is
  // another's, or it is one that says less than all (indirect, a delta, for some reasons).
  static absl::StatusOr<std::unique_ptr<RevocationList>> read(std::string der, X509* issuer);

  // Of a certificate of the issuer: REVOKED where it is in it; GOOD where it is not, and the list
  // is about such certificates and has not ended (answer_age.h); else UNKNOWN, and why.
  RevocationAnswer about(X509* certificate, TimePoint now) const;
  size_t size() const { return der_.size(); }

 private:
  explicit RevocationList(std::string der) : der_(std::move(der)) {}
  // Each: what is wrong, or nothing.
  std::string take_fields(X509* issuer);
  std::string take_extensions(std::string_view extensions);
  std::string why_not_about(X509* certificate) const;

  const std::string der_;
  // Within it: SEQUENCE OF entries; empty where there is none.
  std::string_view entries_;
  // Seconds since 1970; the first is set in all that read() gives.
  std::optional<int64_t> this_update_;
  std::optional<int64_t> next_update_;
  // Of the issuing distribution point: it is one of several lists, this one's addresses.
  bool is_part_ = false;
  std::vector<std::string> urls_;
  bool only_authorities_ = false;
  bool only_others_ = false;
};

}  // namespace muster::tls
