// What simulated hosts serve with TLS, and from which files: the facts of the probes "sockets" and
// "listeners", and the keys, lists and uses beside the certificates in files.
#pragma once

#include <cstddef>

#include "common/clock.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"

namespace muster::simulator {

v1::SocketFacts socket_facts(size_t host);
// nginx and Postfix. One host in four serves the certificate before the last renewal, which ends in
// five days, one takes TLS 1.0 and leaves out an intermediate, and one says nothing.
v1::ListenerFacts listener_facts(size_t host, const v1::CertificateFacts& on_disk,
                                 TimePoint started);
// One host in four has a key that others can read, and a configuration that
// cannot be read.
void add_keys_and_uses(size_t host, TimePoint started, v1::CertificateFacts& facts);

}  // namespace muster::simulator
