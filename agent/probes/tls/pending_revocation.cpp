// Until revocation.cpp is there: nobody is asked.
#include "agent/probes/tls/revocation.h"

namespace muster::tls {

struct Revocations::State {};

Revocations::Revocations(const TrustStore& /*store*/, const Clock& /*clock*/) {}
Revocations::~Revocations() = default;

boost::asio::awaitable<RevocationAnswer> Revocations::ask(network_probe::Look& /*look*/,
                                                          RevocationQuestion /*question*/,
                                                          std::span<const std::string> /*chain*/) {
  co_return RevocationAnswer{};
}

}  // namespace muster::tls
