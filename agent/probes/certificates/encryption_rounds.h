// How much work an encrypted key or bag, or a seal, asks for before it is tried: a file may ask for
// any amount. Pure; any thread.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <optional>

namespace muster {

// Rounds of its key derivation, by what PBES1, PKCS #12, PBES2 and PBMAC1 (PBKDF2, scrypt) say of
// themselves. nullopt where that cannot be read or is beyond all bounds.
std::optional<uint64_t> encryption_rounds(const X509_ALGOR* algorithm);

// The same of a number of rounds as it stands in a file; absent it is 1.
std::optional<uint64_t> rounds_of(const ASN1_INTEGER* rounds);

}  // namespace muster
