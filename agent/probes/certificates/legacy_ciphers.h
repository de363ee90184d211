// RC2, RC4 and DES, which OpenSSL 3 has in a module of its own: key stores of before 2022 are
// encrypted with them. One thread.
#pragma once

#include <openssl/x509.h>

namespace muster {

// Loads the module, once for the program, where `algorithm` is a password's with such a cipher. A
// machine without it decrypts nothing that needs it, with OpenSSL's reason.
void need_ciphers_of(const X509_ALGOR* algorithm);

}  // namespace muster
