#include "collector/http_client/http_get.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "collector/http_client/name_lookup.h"
#include "collector/http_client/response_parser.h"
#include "common/text.h"
#include "common/version.h"

namespace muster::collector {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;
using Instant = std::chrono::steady_clock::time_point;

absl::Status set_up_tls(ssl::context& tls, const std::string& ca_pem) {
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  error_code error;
  tls.set_verify_mode(ssl::verify_peer, error);
  if (ca_pem.empty()) {
    tls.set_default_verify_paths(error);
  } else {
    tls.add_certificate_authority(asio::buffer(ca_pem), error);
  }
  if (!error) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("the CA certificates are not PEM: {}", printable(error.message(), 200)));
}

std::string request_text(const HttpGet& get) {
  std::string text = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: muster-collector/{}\r\nAccept: {}\r\n"
      "Accept-Encoding: identity\r\nConnection: close\r\n",
      get.url.target, get.url.authority(), kVersion, get.accept);
  if (!get.authorization.empty()) {
    text += fmt::format("Authorization: {}\r\n", get.authorization);
  }
  return text + "\r\n";
}

// One exchange, an operation after the other, each waited for until the one deadline.
class Exchange {
 public:
  Exchange(const HttpGet& get, Instant deadline) : get_(get), deadline_(deadline) {}

  absl::StatusOr<HttpAnswer> run(const std::vector<tcp::endpoint>& endpoints) {
    if (absl::Status status = set_up_tls(tls_, get_.ca_pem); !status.ok()) return status;
    stream_.emplace(context_, tls_);
    const std::string authority = get_.url.authority();
    doing_ = fmt::format("connecting to {}", authority);
    const error_code error = wait_for([this, &endpoints](const auto& handler) {
      asio::async_connect(stream_->next_layer(), endpoints, handler);
    });
    if (error) return failed(error);
    if (!get_.url.tls) return send_and_receive(stream_->next_layer());
    if (absl::Status status = shake_hands(); !status.ok()) return status;
    return send_and_receive(*stream_);
  }

 private:
  // `begin` starts an operation with the handler that it is given. At the deadline, or when nobody
  // wants the answer any more, it is broken off: timed_out.
  template <typename Begin>
  error_code wait_for(const Begin& begin) {
    std::optional<error_code> result;
    begin([&result](const error_code& error, const auto&...) { result = error; });
    context_.restart();
    // After the restart, which would undo a stop that came before it.
    if (!get_.stop.stop_requested()) context_.run_until(deadline_);
    if (result) return *result;
    error_code ignored;
    stream_->next_layer().close(ignored);
    context_.restart();
    context_.run();
    return asio::error::timed_out;
  }

  absl::Status failed(const error_code& error) const {
    if (error == asio::error::timed_out) {
      return absl::DeadlineExceededError(fmt::format("{}: no answer in time", doing_));
    }
    // Of TLS that was cut: without its farewell, more may have been to come.
    if (error == ssl::error::stream_truncated) {
      return failed("the connection ended before the answer did");
    }
    return failed(error.message());
  }
  absl::Status failed(std::string_view why) const {
    return absl::UnavailableError(fmt::format("{}: {}", doing_, printable(why, 500)));
  }

  absl::Status shake_hands() {
    const std::string& host = get_.url.host;
    SSL* const native = stream_->native_handle();
    doing_ = fmt::format("TLS with {}", get_.url.authority());
    error_code is_name;
    asio::ip::make_address(host, is_name);
    // RFC 6066: a server name is never an IP address.
    if (is_name) SSL_set_tlsext_host_name(native, host.c_str());
    // Takes an IP address too.
    if (SSL_set1_host(native, host.c_str()) != 1) return failed("its name cannot be checked");
    const error_code error = wait_for([this](const auto& handler) {
      stream_->async_handshake(ssl::stream_base::client, handler);
    });
    if (!error) return absl::OkStatus();
    const long verified = SSL_get_verify_result(native);
    if (verified == X509_V_OK) return failed(error);
    if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH) {
      return failed(fmt::format("its certificate is not for {}", host));
    }
    return failed(fmt::format("{}; `ca_file` names the CA to trust",
                              X509_verify_cert_error_string(verified)));
  }

  template <typename Stream>
  absl::StatusOr<HttpAnswer> send_and_receive(Stream& stream) {
    doing_ = fmt::format("sending to {}", get_.url.authority());
    const std::string request = request_text(get_);
    error_code error = wait_for([&stream, &request](const auto& handler) {
      asio::async_write(stream, asio::buffer(request), handler);
    });
    if (error) return failed(error);
    doing_ = fmt::format("reading the answer of {}", get_.url.authority());
    ResponseParser parser(get_.body_bytes);
    std::string input;
    while (!parser.complete()) {
      size_t size = 0;
      error = wait_for([this, &stream, &size](const auto& handler) {
        stream.async_read_some(asio::buffer(buffer_),
                               [&size, handler](const error_code& result, size_t count) {
                                 size = count;
                                 handler(result);
                               });
      });
      if (error && error != asio::error::eof) return failed(error);
      input.append(buffer_.data(), size);
      const absl::Status status = error ? parser.finish() : parser.feed(input);
      if (!status.ok()) {
        return absl::Status(status.code(),
                            fmt::format("{}: {}", doing_, std::string(status.message())));
      }
      if (error) break;
    }
    return parser.take();
  }

  const HttpGet& get_;
  const Instant deadline_;
  asio::io_context context_{1};
  ssl::context tls_{ssl::context::tls_client};
  std::optional<ssl::stream<tcp::socket>> stream_;
  std::array<char, 16 * 1024> buffer_{};
  // For the message if it fails.
  std::string doing_;
  const std::stop_callback<std::function<void()>> on_stop_{get_.stop, [this] { context_.stop(); }};
};

}  // namespace

absl::StatusOr<HttpAnswer> http_get(const HttpGet& get) {
  const Instant deadline = std::chrono::steady_clock::now() + get.timeout;
  const auto endpoints = look_up(get.url.host, get.url.port, deadline, get.stop);
  if (!endpoints.ok()) return endpoints.status();
  try {
    return Exchange(get, deadline).run(*endpoints);
  } catch (const std::exception& error) {
    // Asio throws where the system has no more of something.
    return absl::UnavailableError(fmt::format("HTTP: {}", printable(error.what(), 200)));
  }
}

}  // namespace muster::collector
