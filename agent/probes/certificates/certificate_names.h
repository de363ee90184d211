// What the path of a file tells about it before it is opened. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster {

// Whether the name says that it holds a certificate or a revocation list: .crt, .cer, .der, .pem,
// .crl, or a key store's .p12, .pfx, .jks, .jceks, .keystore or .truststore, in any case.
bool has_certificate_name(std::string_view path);

// Whether the name says that it holds a private key ("privkey.pem", "server-key.pem"). Such a file
// is rightly unreadable.
bool has_key_name(std::string_view path);

// Whether it is a key by its whole name, with a suffix that keys have: "server.key", "privkey.pem";
// not "apikey". Where it cannot be read, it is a key nevertheless.
bool is_named_a_key(std::string_view path);

// Whether it is a distribution's store of public roots, by the path or by where its links lead:
// such stores hold hundreds of certificates that are the distribution's to renew.
bool is_trust_store(std::string_view path, std::string_view resolved);

// "/etc//ssl/" as "/etc/ssl"; "/" stays.
std::string without_doubled_slashes(std::string_view path);

}  // namespace muster
