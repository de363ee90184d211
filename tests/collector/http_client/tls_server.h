// The collector's own HTTPS server, with a certificate of a CA made for the test, in the role of
// somebody else's.
#pragma once

#include <chrono>
#include <string>

#include "tests/collector/http/running_server.h"
#include "tests/common/certificate_maker.h"

namespace muster::collector {

// For 127.0.0.1 and localhost unless it says otherwise.
struct TestAuthority {
  explicit TestAuthority(const std::vector<std::string>& names = {"IP:127.0.0.1",
                                                                  "DNS:localhost"}) {
    const TimePoint now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    const EvpPkeyPtr ca_key = test::make_key();
    const test::CertificateSpec ca{.common_name = "Test CA",
                                   .not_before = now - std::chrono::hours(1),
                                   .not_after = now + std::chrono::hours(1),
                                   .is_authority = true};
    const X509Ptr authority = test::self_signed(ca, ca_key.get());
    const EvpPkeyPtr key = test::make_key();
    const test::CertificateSpec server{.common_name = "server",
                                       .serial = 2,
                                       .not_before = ca.not_before,
                                       .not_after = ca.not_after,
                                       .subject_alternative_names = names,
                                       .extended_key_usages = {"serverAuth"}};
    const X509Ptr certificate = test::issued_by(server, key.get(), authority.get(), ca_key.get());
    ca_pem = test::certificate_pem(authority.get());
    files = {.certificate_pem = test::certificate_pem(certificate.get()),
             .key_pem = test::key_pem(key.get())};
  }

  std::string ca_pem;
  http::TlsFiles files;
};

inline uint16_t port_of(const std::string& address) {
  return static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

}  // namespace muster::collector
