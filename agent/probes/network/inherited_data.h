// The files that every network probe is given open, in the order of their descriptors from
// kFirstInherited on: a row of probe_list.cpp begins with them, and what it inherits besides comes
// after. Constants only, since the privileged launcher includes it.
#pragma once

#include <array>
#include <string_view>

namespace muster::network_probe {

inline constexpr auto kResolverFiles =
    std::to_array<std::string_view>({"/etc/resolv.conf", "/etc/hosts"});

// A row whose probe needs credentials inherits this one too, after those.
inline constexpr std::string_view kCredentialsFile = "/etc/muster/target-credentials.yml";

// Where a host keeps the authorities that it trusts, one after the other by distribution: Debian,
// Red Hat, SUSE, Alpine. What is not there leaves its number closed.
inline constexpr auto kTrustFiles = std::to_array<std::string_view>(
    {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
     "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"});

// A row whose probe asks registries inherits these, after the resolver's and the trust files: which
// part of a name is registered, and RDAP servers of the site's own.
inline constexpr auto kRegistryFiles = std::to_array<std::string_view>(
    {"/usr/share/publicsuffix/public_suffix_list.dat", "/etc/muster/rdap-bootstrap.json"});

}  // namespace muster::network_probe
