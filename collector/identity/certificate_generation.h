// Which of a host's certificates one is: a number that the CA writes into the subject, as its
// generationQualifier (X.520, OID 2.5.4.44; `openssl x509 -subject` shows it). Where certificates
// are made by others there is none, and the generation is 0; so it is where the subject has
// several, or one that is not a decimal number from 1 to 2^64-1 as the CA writes it. Pure; any
// thread.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::collector {

uint64_t generation_of(const X509* certificate);

// Of a subject as RFC 4514 (2253) writes it, "generationQualifier=7,CN=…": gRPC's property
// x509_subject of a peer that TLS has verified. Costs no parsing of a certificate.
uint64_t generation_of_subject(std::string_view subject);

// SHA-256 over the DER of the public key (SubjectPublicKeyInfo), 32 bytes; empty if it has none.
std::string public_key_sha256(const EVP_PKEY* key);

}  // namespace muster::collector
