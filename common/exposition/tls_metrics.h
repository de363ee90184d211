// What TLS servers say as samples: those of the host's own sockets, and those at targets. One
// certificate in force is one series whichever of them serves it. Pure; any thread.
#pragma once

#include <string_view>

#include "common/exposition/certificate_metrics.h"
#include "common/exposition/sample_writer.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::exposition {

// The words of labels: "completed", "no_starttls"; "trusted", "incomplete"; "good", "revoked".
std::string_view answer_word(v1::TlsAnswer answer);
std::string_view trust_word(v1::ChainTrust trust);
std::string_view revocation_word(v1::Revocation revocation);

// How many sockets there are of each state, and what those say that speak TLS.
void add_listeners(SampleWriter& writer, const v1::ListenerFacts& facts);
// What the certificates are that they serve.
void add_listener_certificates(CertificateSamples& certificates, const v1::ListenerFacts& facts);
// Of a target.
void add_endpoint(SampleWriter& writer, const v1::TlsFacts& facts);

}  // namespace muster::exposition
