// machine-id(5), and what of it may leave the host. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace muster {

// The content of /etc/machine-id as its 16 bytes. NotFound where none is set yet (empty, or
// "uninitialized" on the first boot); InvalidArgument if it is no id.
absl::StatusOr<std::string> parse_machine_id(std::string_view text);

// Muster's application id, 16 bytes. It must never change: hosts are recognised by what it gives.
std::string_view muster_application_id();

// As sd_id128_get_machine_app_specific(3): HMAC-SHA-256 over the application id, keyed with the
// machine id, its first 16 bytes marked as a version 4 UUID; 32 hex digits. The machine id cannot
// be told from it. Both ids are 16 bytes.
std::string application_specific_id(std::string_view machine_id, std::string_view application_id);

}  // namespace muster
