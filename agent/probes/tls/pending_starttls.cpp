// Until starttls.cpp is there: no protocol but TLS at once.
#include "agent/probes/tls/starttls.h"

namespace muster::tls {

std::unique_ptr<StartTlsDialog> StartTlsDialog::make(v1::StartTls /*protocol*/,
                                                     std::string_view /*server_name*/) {
  return nullptr;
}

bool parse_starttls(std::string_view /*name*/, v1::StartTls& /*protocol*/) {
  return false;
}

}  // namespace muster::tls
