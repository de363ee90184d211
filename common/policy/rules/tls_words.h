// What became of a connection by TLS, for a sentence. Pure; any thread.
#pragma once

#include <string_view>

#include "muster/v1/tls_facts.pb.h"

namespace muster::policy {

// After "it": "refuses the connection", "speaks no TLS".
std::string_view words_of(v1::TlsAnswer answer);

// Whether it speaks TLS as far as it can be told without a certificate of one's own; nothing is
// said of one that is not known.
bool speaks_tls(v1::TlsAnswer answer);

}  // namespace muster::policy
