// Certificates as samples: in files, on the host's own sockets, at targets. What a certificate is
// goes by its fingerprint, so that the same one in a file and on the wire is one series.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>

#include "common/exposition/host_families.h"
#include "common/exposition/sample_writer.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster::exposition {

// What is shown of a certificate's SHA-256, in hexadecimal digits: the label `fingerprint`.
inline constexpr size_t kFingerprintDigits = 16;
std::string_view fingerprint_of(const v1::Certificate& certificate);

// The families of one sort of thing that say what a certificate is.
struct CertificateFamilies {
  size_t info;
  size_t not_before;
  size_t not_after;
};

inline constexpr CertificateFamilies kHostCertificates{.info = kCertificateInfo,
                                                       .not_before = kCertificateNotBefore,
                                                       .not_after = kCertificateNotAfter};

// What certificates say of themselves, each once however often it is met. Nothing of one without a
// fingerprint: it could not be read. One thread.
class CertificateSamples {
 public:
  CertificateSamples(SampleWriter& writer, const CertificateFamilies& families)
      : writer_(writer), families_(families) {}

  void add(const v1::Certificate& certificate);

 private:
  SampleWriter& writer_;
  const CertificateFamilies families_;
  std::unordered_set<std::string> told_;
};

// How many there are, and what could not be read; keys and revocation lists.
void add_certificate_counts(SampleWriter& writer, const v1::CertificateFacts& facts);
// Each certificate of a file, up to kMostCertificates.
void add_certificate_files(SampleWriter& writer, CertificateSamples& certificates,
                           const v1::CertificateFacts& facts);

}  // namespace muster::exposition
