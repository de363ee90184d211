// The HTTPS side as the collector runs it: the endpoints behind the users and the certificate of
// the web configuration, all of which a reload replaces while requests go on. Any thread.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "collector/http/endpoints.h"
#include "collector/http/server.h"
#include "collector/http/web_config.h"

namespace muster::collector {

// What a web configuration comes to.
struct WebSettings {
  std::map<std::string, std::string> users;
  http::TlsFiles tls;
};

// Reads the file and the certificate it names; without a file, or a certificate in it, `own` is
// what is served.
absl::StatusOr<WebSettings> load_web_settings(const std::string& path, const http::TlsFiles& own);

class WebFront {
 public:
  // Listens on both. `context` without its users; it and `io` outlive the front.
  static absl::StatusOr<std::unique_ptr<WebFront>> listen(boost::asio::io_context& io,
                                                          const http::EndpointContext& context,
                                                          WebSettings settings,
                                                          const std::vector<std::string>& addresses,
                                                          const std::string& socket_path);

  // New users and certificate for requests and connections from now on. The old ones stay on error.
  absl::Status replace(WebSettings settings);
  // Frees what replace() put out of use, when no request of it is under way. Not from an endpoint.
  void drop_retired();
  const std::vector<std::string>& addresses() const { return addresses_; }
  // Stops listening; what is under way is answered.
  void stop();

 private:
  // The context and the handler that refers to it.
  struct Endpoints {
    explicit Endpoints(const http::EndpointContext& with) : context(with) {}
    http::EndpointContext context;
    http::Handler handler;
  };

  WebFront() = default;
  std::shared_ptr<Endpoints> make(std::map<std::string, std::string> users) const;

  std::unique_ptr<http::EndpointContext> context_;
  std::unique_ptr<http::Server> https_;
  std::unique_ptr<http::Server> socket_;
  std::vector<std::string> addresses_;

  std::mutex mutex_;
  // Guarded by mutex_. Shared with requests that are being handed over.
  std::shared_ptr<Endpoints> current_;
  // Not freed where they were replaced: that may be on one of their own threads.
  std::vector<std::shared_ptr<Endpoints>> retired_;
  std::unique_ptr<Endpoints> administration_;
};

}  // namespace muster::collector
