// A private key to what its public half says. The key itself leaves no trace here: OpenSSL frees
// what it made of it overwritten, and nothing of it is in a result or an error. Pure; any thread.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <string_view>

#include "agent/probes/certificates/unlocking.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster {

// The first private key of a PEM text, or one in DER (PKCS #8, or RSA's and EC's own forms): its
// type, size and public half, or that it is encrypted, or an error. RSA, EC and Edwards curves are
// what certificates of servers have; others are an error.
v1::KeyFile read_pem_key(std::string_view text, Unlocking& unlocking);
v1::KeyFile read_der_key(std::string_view der, Unlocking& unlocking);

// The same of what a key store holds.
v1::KeyFile describe_key(const PKCS8_PRIV_KEY_INFO* key);
v1::KeyFile describe_key(const X509_SIG* encrypted, Unlocking& unlocking);

}  // namespace muster
