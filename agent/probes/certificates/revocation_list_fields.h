// One revocation list as OpenSSL holds it, turned into the message. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>
#include <openssl/x509.h>

#include "muster/v1/certificate_facts.pb.h"

namespace muster {

// InvalidArgument if one of its dates cannot be read: a list without its dates is of no use.
absl::StatusOr<v1::RevocationList> revocation_list_fields(X509_CRL* list);

}  // namespace muster
