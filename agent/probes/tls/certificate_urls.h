// Where a certificate says that more is to be had: its issuer, its responder, its list. As it is
// written there, by whoever made it: nothing here is a place to go to. Pure; any thread.
#pragma once

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <string>
#include <vector>

namespace muster::tls {

// At most 8 of each, at most 1,024 bytes each; longer ones, and those with other than printable
// ASCII, are left out.
std::vector<std::string> issuer_urls(const X509* certificate);
std::vector<std::string> responder_urls(const X509* certificate);
// Of lists that are whole (all reasons) and the issuer's own.
std::vector<std::string> list_urls(const X509* certificate);

// The addresses (URI) in a set of names.
std::vector<std::string> urls_of(const GENERAL_NAMES* names);

}  // namespace muster::tls
