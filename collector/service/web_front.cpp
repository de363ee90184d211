#include "collector/service/web_front.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "collector/http/http_metrics.h"
#include "collector/http/open_files.h"
#include "common/files.h"

namespace muster::collector {
namespace {

constexpr size_t kFileLimit = 1 << 20;

// Of the files that the process may open, agents and store keep most.
http::Limits https_limits(size_t open_files) {
  http::Limits limits;
  limits.connections = std::min(limits.connections, open_files / 4);
  limits.connections_per_address = std::min(limits.connections_per_address, open_files / 16);
  return limits;
}

// Whoever may open it is root or the collector's own user.
http::Limits socket_limits() {
  http::Limits limits;
  limits.connections = 64;
  limits.connections_per_address = 64;
  // Two policies, one to be compared with the other.
  limits.body_bytes = size_t{16} << 20;
  return limits;
}

}  // namespace

absl::StatusOr<WebSettings> load_web_settings(const std::string& path, const http::TlsFiles& own) {
  WebSettings settings{.users = {}, .tls = own};
  if (path.empty()) return settings;
  const absl::StatusOr<std::string> text = read_file(path, kFileLimit);
  if (!text.ok()) return text.status();
  absl::StatusOr<http::WebConfig> config = http::parse_web_config(*text, path);
  if (!config.ok()) return config.status();
  settings.users = std::move(config->users);
  settings.tls.minimum_tls12 = config->minimum_tls12;
  if (config->cert_file.empty()) return settings;
  absl::StatusOr<std::string> certificate = read_file(config->cert_file, kFileLimit);
  if (!certificate.ok()) return certificate.status();
  absl::StatusOr<std::string> key = read_file(config->key_file, kFileLimit);
  if (!key.ok()) return key.status();
  settings.tls.certificate_pem = *std::move(certificate);
  settings.tls.key_pem = *std::move(key);
  return settings;
}

std::shared_ptr<WebFront::Endpoints> WebFront::make(
    std::map<std::string, std::string> users) const {
  auto endpoints = std::make_shared<Endpoints>(*context_);
  endpoints->context.users = std::move(users);
  endpoints->handler = http::make_endpoints(endpoints->context);
  return endpoints;
}

absl::StatusOr<std::unique_ptr<WebFront>> WebFront::listen(
    boost::asio::io_context& io, const http::EndpointContext& context, WebSettings settings,
    const std::vector<std::string>& addresses, const std::string& socket_path) {
  std::unique_ptr<WebFront> front(new WebFront());
  // Shared with connections, which may end after the front.
  const auto metrics = std::make_shared<http::HttpMetrics>(context.registry);
  const auto count = [metrics](http::Refused why) { metrics->count(why); };
  front->context_ = std::make_unique<http::EndpointContext>(context);
  front->context_->refused = count;
  front->context_->known_passwords = std::make_shared<http::KnownPasswords>();
  front->current_ = front->make(std::move(settings.users));
  front->administration_ = std::make_unique<Endpoints>(context);
  front->administration_->handler =
      http::make_administration_endpoints(front->administration_->context);

  absl::StatusOr<std::unique_ptr<http::Server>> socket =
      http::Server::listen_unix(io, socket_path, socket_limits(), front->administration_->handler);
  if (!socket.ok()) return socket.status();
  front->socket_ = *std::move(socket);
  absl::StatusOr<std::unique_ptr<http::Server>> https =
      http::Server::listen(io, addresses, &settings.tls, https_limits(http::raise_open_files()),
                           [self = front.get()](http::Request request, http::Respond respond) {
                             std::shared_ptr<Endpoints> endpoints;
                             {
                               const std::lock_guard guard(self->mutex_);
                               endpoints = self->current_;
                             }
                             endpoints->handler(std::move(request), std::move(respond));
                           },
                           {.refused = count, .connections = [metrics](size_t open) {
                              metrics->connections().Set(static_cast<double>(open));
                            }});
  if (!https.ok()) return https.status();
  front->https_ = *std::move(https);
  front->addresses_ = front->https_->addresses();
  return front;
}

absl::Status WebFront::replace(WebSettings settings) {
  if (absl::Status status = https_->replace_tls(settings.tls); !status.ok()) return status;
  std::shared_ptr<Endpoints> endpoints = make(std::move(settings.users));
  const std::lock_guard guard(mutex_);
  retired_.push_back(std::move(current_));
  current_ = std::move(endpoints);
  return absl::OkStatus();
}

void WebFront::drop_retired() {
  std::vector<std::shared_ptr<Endpoints>> idle;
  const std::lock_guard guard(mutex_);
  std::erase_if(retired_, [&idle](std::shared_ptr<Endpoints>& one) {
    if (one.use_count() > 1) return false;
    idle.push_back(std::move(one));
    return true;
  });
}

void WebFront::stop() {
  https_->stop();
  socket_->stop();
}

}  // namespace muster::collector
