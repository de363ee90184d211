// What `muster-agent check` ends with: how the host stands with its patches, in the words that
// somebody would say it to a colleague. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/clock.h"
#include "muster/v1/fleet.pb.h"

namespace muster::agent {

// A paragraph each, the first about updates and services:
//
//   3 security updates, the oldest pending 9 days; nginx.service runs a replaced libssl.so.3:
//   restart it. The running kernel 6.1.0-27-amd64 is older than the installed 6.1.0-28-amd64:
//   reboot.
//
// `ages_are_known`: since when the verdicts' subjects are unmet means something. Empty where
// nothing is to do.
std::vector<std::string> patch_sentences(std::span<const v1::Verdict> verdicts, bool ages_are_known,
                                         TimePoint now);

}  // namespace muster::agent
