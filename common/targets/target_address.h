// What the address of a target says, by its kind. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "common/address.h"

namespace muster {

// What targets.allow is asked for: the host and port that are dialled; of a kind that is of a
// domain, its name as DNS has it, with port 0: nothing is dialled there. InvalidArgument with what
// is expected: parse_target_address, tls_endpoint.h, domain_target.h.
absl::StatusOr<Address> dialled_address(std::string_view kind, std::string_view text);

// The name of a target where none is given: "www.example.org:443", "zone:example.org".
absl::StatusOr<std::string> usual_target_name(std::string_view kind, std::string_view text);

}  // namespace muster
