#include "common/targets/target_address.h"

#include <utility>

#include "common/targets/domain_target.h"
#include "common/targets/target_kinds.h"
#include "common/targets/target_rules.h"
#include "common/targets/tls_endpoint.h"

namespace muster {

absl::StatusOr<Address> dialled_address(std::string_view kind, std::string_view text) {
  if (is_of_a_domain(kind)) {
    absl::StatusOr<std::string> name = domain_target_name(kind, text);
    if (!name.ok()) return name.status();
    const size_t prefix = name->find(':');
    return Address{.host = prefix == std::string::npos ? *name : name->substr(prefix + 1),
                   .port = 0};
  }
  if (kind != "tls") return parse_target_address(text);
  absl::StatusOr<TlsEndpoint> endpoint = parse_tls_endpoint(text);
  if (!endpoint.ok()) return endpoint.status();
  return std::move(endpoint->address);
}

absl::StatusOr<std::string> usual_target_name(std::string_view kind, std::string_view text) {
  if (is_of_a_domain(kind)) return domain_target_name(kind, text);
  const absl::StatusOr<Address> dialled = dialled_address(kind, text);
  if (!dialled.ok()) return dialled.status();
  return dialled->text();
}

}  // namespace muster
