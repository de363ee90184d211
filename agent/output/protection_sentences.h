// What `muster-agent check` ends with: how the host stands with its antivirus and its intrusion
// detection, in the words that somebody would say it to a colleague. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "muster/v1/fleet.pb.h"

namespace muster::agent {

// A paragraph each: what is so of the host, then one of each product:
//
//   No antivirus is installed: none of the products that Muster looks for.
//   ClamAV: loaded signatures are 9 days old; a newer database lies on disk since 06:12 UTC: reload
//   clamd.
//
// and last which controls over products are unknown. Empty where nothing is to do.
std::vector<std::string> protection_sentences(std::span<const v1::Verdict> verdicts);

}  // namespace muster::agent
