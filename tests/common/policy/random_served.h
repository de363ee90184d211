// What is served by TLS, and the keys and lists beside certificates, as they may be, for
// random_world.h.
#pragma once

#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"
#include "tests/common/policy/random_world.h"

namespace muster::testing {

v1::ListenerFacts random_listeners(RandomWorld& world, TimePoint now);
v1::TlsFacts random_tls(RandomWorld& world, TimePoint now);
// Gives the certificates that are there names, and adds keys, lists and who uses what.
void add_random_uses(RandomWorld& world, TimePoint now, v1::CertificateFacts& facts);

}  // namespace muster::testing
