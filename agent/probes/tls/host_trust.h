// The authorities that this host trusts, from the bundle that its distribution keeps: what the
// launcher gives the probe open, or by hand the file itself. Blocks.
#pragma once

#include "agent/probes/network/inherited_data.h"
#include "agent/probes/tls/chain_verification.h"

namespace muster::tls {

inline constexpr size_t kLargestBundle = size_t{16} << 20;

// What a target probe inherits before them: the resolver's files and the credentials.
inline constexpr size_t kFilesBeforeTrust = network_probe::kResolverFiles.size() + 1;

// Of the first of network_probe::kTrustFiles that is there. Where none is, or none is of use: a
// missing store that says which were looked for. `before`: how many files the probe's row inherits
// before them.
TrustStore trust_of_host(size_t before = kFilesBeforeTrust);

}  // namespace muster::tls
