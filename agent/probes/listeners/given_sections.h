// What the probe is given of this host's own last sections: bytes from outside, though by way of
// the agent. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/probe.pb.h"

namespace muster::listeners {

// Of the message in all, and of the facts of one section.
inline constexpr size_t kMostGiven = size_t{10} << 20;
inline constexpr size_t kMostOfSection = size_t{4} << 20;

struct Given {
  v1::SocketFacts sockets;
  // Empty where nobody knows.
  v1::CertificateFacts certificates;
  // What this probe said last; empty at first.
  v1::ListenerFacts before;
  uint64_t look = 0;
  bool all_questions = false;
};

// InvalidArgument if the bytes are no GivenSections or past the bounds; FailedPrecondition, with
// why, if the sockets are not known.
absl::StatusOr<Given> read_given(std::string_view bytes);

// Sections one after the other, each with its size before it, as probes write them: by hand, when
// somebody waits for all that can be known. The bytes of a GivenSections.
absl::StatusOr<std::string> given_by_hand(std::string_view sections);

}  // namespace muster::listeners
