// Whether one path, from a leaf to an anchor, holds: OpenSSL's verification without dates. Pure;
// any thread.
#pragma once

#include <openssl/x509.h>

#include <string>
#include <vector>

namespace muster::tls {

struct PathCheck {
  // Why it does not hold: one sentence; empty where it does.
  std::string complaint = {};
  // As it was built, from the leaf to the anchor; empty where none was. Whose they are stays so.
  std::vector<X509*> path = {};
};

// `leaf` by way of `between`, in any order, to one of `anchors`, which have signed themselves.
PathCheck check_path(X509* leaf, const std::vector<X509*>& between,
                     const std::vector<X509*>& anchors);

}  // namespace muster::tls
