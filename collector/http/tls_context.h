// An OpenSSL server context from PEM in memory. Any thread.
#pragma once

#include <absl/status/statusor.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "collector/http/server.h"

namespace muster::collector::http {

// Shared, since a handshake may be under way with the old one when it is replaced. InvalidArgument:
// not PEM, key and certificate do not belong together, or the key has a passphrase.
absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsFiles& tls);

}  // namespace muster::collector::http
