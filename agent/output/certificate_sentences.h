// What `muster-agent check` ends with about certificates: what was renewed and is not served, which
// key does not belong to its certificate, whose key others can read. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "muster/v1/fleet.pb.h"

namespace muster::agent {

// A paragraph each, and each once:
//
//   /etc/nginx/ssl/shop.pem renewed 2 h ago, nginx still serves the old one, which ends in 3 days:
//   reload nginx.service.
//
// Empty where nothing is to do.
std::vector<std::string> certificate_sentences(std::span<const v1::Verdict> verdicts);

}  // namespace muster::agent
