// A section as a probe writes it: for the agent, or for a person. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "muster/v1/section.pb.h"

namespace muster::probe {

// Preceded by its size as a varint, as probe.proto says; or as JSON with the facts as a message of
// their own, zeros and empty lists included: "found none" is worth reading. An error if the facts
// are of a type that this program does not know.
absl::StatusOr<std::string> section_text(const v1::Section& section, bool as_json);

}  // namespace muster::probe
