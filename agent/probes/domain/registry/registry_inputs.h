// What a program that asks registries is given of its host, open where the launcher leaves it, or
// by hand the files themselves: the list of public suffixes, the authorities that the host trusts,
// and the site's own list of RDAP servers. Read once, at the start; blocks.
#pragma once

#include <absl/status/statusor.h>

#include <optional>

#include "agent/probes/domain/names/public_suffixes.h"
#include "agent/probes/domain/rdap/bootstrap.h"
#include "agent/probes/domain/registry/web_question.h"
#include "agent/probes/network/network_probe.h"

namespace muster::domains::registry {

struct RegistryInputs {
  PublicSuffixes suffixes;
  WebTrust trust;
  // /etc/muster/rdap-bootstrap.json, in the format of RFC 9224: root's word, so it may lead to
  // servers within, and in the clear. Unset where there is none.
  std::optional<rdap::Bootstrap> of_site;
};

// The row of the probe inherits, in this order: network_probe::kResolverFiles, kTrustFiles,
// kRegistryFiles. FailedPrecondition where the site's file is broken, or anybody but root may write
// to it.
absl::StatusOr<RegistryInputs> read_registry_inputs();

}  // namespace muster::domains::registry
