#include "agent/probes/tls/section_limit.h"

#include <algorithm>

namespace muster::tls {
namespace {

void keep_names(v1::Certificate& certificate, int most) {
  auto& names = *certificate.mutable_subject_alternative_names();
  if (names.size() <= most) return;
  certificate.set_names_omitted(certificate.names_omitted() +
                                static_cast<uint32_t>(names.size() - most));
  names.DeleteSubrange(most, names.size() - most);
}

void keep_certificates(v1::ServedChain& chain, int most) {
  auto& certificates = *chain.mutable_certificates();
  if (certificates.size() <= most) return;
  chain.set_certificates_omitted(chain.certificates_omitted() +
                                 static_cast<uint32_t>(certificates.size() - most));
  certificates.DeleteSubrange(most, certificates.size() - most);
}

}  // namespace

void keep_within(v1::TlsFacts& facts, size_t most_bytes) {
  for (const int most : {64, 16, 4, 1, 0}) {
    if (facts.ByteSizeLong() <= most_bytes) return;
    for (v1::ServedChain& chain : *facts.mutable_chains()) {
      for (v1::Certificate& certificate : *chain.mutable_certificates())
        keep_names(certificate, most);
    }
  }
  for (const int most : {8, 4, 2, 1, 0}) {
    if (facts.ByteSizeLong() <= most_bytes) return;
    for (v1::ServedChain& chain : *facts.mutable_chains())
      keep_certificates(chain, most);
  }
}

}  // namespace muster::tls
