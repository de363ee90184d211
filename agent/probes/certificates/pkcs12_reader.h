// PKCS #12 (RFC 7292), as openssl, keytool and Windows write it: .p12, .pfx. Pure but for the
// module of old ciphers; one thread.
#pragma once

#include <string_view>

#include "agent/probes/certificates/file_content.h"

namespace muster {

// Opens it with the passwords given, or with none and the empty one, which are no secret. What is
// not encrypted is read in any case. The certificate of the private key comes first; of several
// private keys the first counts.
FileContent read_pkcs12(std::string_view der, Unlocking& unlocking);

}  // namespace muster
