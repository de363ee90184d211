// Which programmes of support a host is subscribed to or configured for. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <string_view>

#include "muster/v1/lifecycle_facts.pb.h"

namespace muster::lifecycle {

inline constexpr size_t kLargestProStatus = 1 << 20;

// What Ubuntu Pro gives this host.
struct ProCoverage {
  v1::SupportCoverage esm = v1::SUPPORT_COVERAGE_NOT_ENABLED;
  v1::SupportCoverage legacy = v1::SUPPORT_COVERAGE_NOT_ENABLED;
};

// /var/lib/ubuntu-advantage/status.json, which `pro` writes when it is attached, and whenever it is
// asked. ESM is the service esm-infra. The support after that is sold on top: where the status does
// not name it and the host is attached, it cannot be told. InvalidArgument if it is no such JSON.
absl::StatusOr<ProCoverage> parse_pro_status(std::string_view json);

// Whether a file of sources.list(5) has Freexian's repository of Extended LTS, switched on.
// `is_deb822`: of the form of *.sources, else of *.list.
bool has_extended_lts(std::string_view text, bool is_deb822);

}  // namespace muster::lifecycle
