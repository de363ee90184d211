// An HTTP server on Boost.Beast: listens, speaks TLS or not, bounds everything, and hands each
// request to one handler. It knows nothing of the fleet. Objects live on one io_context; handlers
// run on its threads and must not block; they may answer later from any thread. A server is
// destroyed before its io_context; an answer that comes after both does nothing.
#pragma once

#include <absl/status/statusor.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "collector/http/message.h"
#include "collector/http/refused.h"
#include "common/clock.h"

namespace muster::collector::http {

struct Limits {
  size_t header_bytes = 16 * 1024;
  // A certificate signing request takes 2 KiB.
  size_t body_bytes = 64 * 1024;
  size_t connections = 2048;
  // Of one IPv4 address, or one IPv6 network of 64 bits.
  size_t connections_per_address = 256;
  // Of answers that wait for their readers, all together.
  size_t response_bytes = 256 * 1024 * 1024;
  // For a whole request to arrive, a response to leave, and between two requests.
  Duration request_timeout = std::chrono::seconds(10);
  Duration response_timeout = std::chrono::seconds(60);
  Duration idle_timeout = std::chrono::seconds(60);
};

// PEM; TLS 1.3 is the least unless `minimum_tls12`.
struct TlsFiles {
  std::string certificate_pem;
  std::string key_pem;
  bool minimum_tls12 = false;
};

class Server {
 public:
  // Listens on every address ("127.0.0.1:8443", "[::]:8443", port 0 for any). With no TLS: plain.
  static absl::StatusOr<std::unique_ptr<Server>> listen(boost::asio::io_context& io,
                                                        const std::vector<std::string>& addresses,
                                                        const TlsFiles* tls, Limits limits,
                                                        Handler handler, Observer observer = {});
  // Listens on a Unix socket with mode 0600, in place of a stale one (AlreadyExists if somebody
  // answers there).
  static absl::StatusOr<std::unique_ptr<Server>> listen_unix(boost::asio::io_context& io,
                                                             const std::string& path, Limits limits,
                                                             Handler handler,
                                                             Observer observer = {});

  virtual ~Server() = default;
  // The bound addresses, with the ports that were given.
  virtual std::vector<std::string> addresses() const = 0;
  // New certificate for connections from now on. The old one stays on error.
  virtual absl::Status replace_tls(const TlsFiles& tls) = 0;
  // Stops listening and closes idle connections; what is under way is answered.
  virtual void stop() = 0;
};

}  // namespace muster::collector::http
