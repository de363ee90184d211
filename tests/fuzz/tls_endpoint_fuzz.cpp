// Addresses of TLS endpoints, as collectors and files write them: what is taken is bounded, dials
// an address, and asks for a name that can be one.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/targets/target_rules.h"
#include "common/targets/tls_endpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto endpoint = muster::parse_tls_endpoint(text);
  if (!endpoint.ok()) {
    if (endpoint.status().message().size() > 2048) std::abort();
    return 0;
  }
  if (size > muster::kTlsEndpointLimit) std::abort();
  if (!muster::parse_target_address(endpoint->address.text()).ok()) std::abort();
  const std::string& name = endpoint->server_name;
  if (!name.empty() && !muster::parse_target_address(name + ":443").ok()) std::abort();
  return 0;
}
