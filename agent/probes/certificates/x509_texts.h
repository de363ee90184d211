// Names, numbers and identifiers of X.509 as text: valid UTF-8 without control characters, bounded
// as certificate_facts.proto says. Pure; any thread.
#pragma once

#include <openssl/x509.h>

#include <string>
#include <string_view>

namespace muster {

inline constexpr size_t kX509NameLimit = 1024;

// The bytes of a string type; empty for null. A view into `text`.
std::string_view content_of(const ASN1_STRING* text);
// RFC 2253 with UTF-8 as it is; where a value is not what its type says, with its bytes escaped.
std::string x509_name_text(const X509_NAME* name, size_t limit);
// Hex, lower case, without leading zeros, "-" before a negative one; empty where it is unreadable.
std::string x509_number_text(const ASN1_INTEGER* number);
// As OpenSSL names it, else the OID.
std::string x509_object_text(const ASN1_OBJECT* object);

}  // namespace muster
