#include "agent/identity/https_post.h"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <utility>

#include "common/text.h"
#include "common/version.h"

namespace muster::agent {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr uint64_t kBodyLimit = 1 << 20;
constexpr uint32_t kHeaderLimit = 16 << 10;

// One exchange, a step after the other. Asio's blocking calls cannot time out, so each step is an
// asynchronous one that is waited for until the deadline.
class Exchange {
 public:
  explicit Exchange(const HttpsPost& post)
      : post_(post),
        deadline_(std::chrono::steady_clock::now() + post.timeout),
        tls_(asio::ssl::context::tls_client) {}

  absl::StatusOr<HttpsAnswer> run() {
    SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_2_VERSION);
    // Checked after the handshake, by check_server: there is no trust store to check against yet.
    tls_.set_verify_mode(asio::ssl::verify_none);
    if (absl::Status status = connect(); !status.ok()) return status;
    if (!post_.proxy.host.empty()) {
      if (absl::Status status = ask_proxy(); !status.ok()) return status;
    }
    if (absl::Status status = shake_hands(); !status.ok()) return status;
    return exchange();
  }

 private:
  const Address& next_hop() const { return post_.proxy.host.empty() ? post_.server : post_.proxy; }

  // `begin` starts an operation with the handler it is given.
  template <typename Begin>
  absl::Status step(const std::string& doing, const Begin& begin) {
    std::optional<error_code> result;
    begin([&result](const error_code& error, const auto&...) { result = error; });
    context_.restart();
    // After the restart, which would undo a stop that came before it.
    if (!post_.stop.stop_requested()) context_.run_until(deadline_);
    if (!result) {
      resolver_.cancel();
      error_code ignored;
      stream_->next_layer().close(ignored);
      context_.restart();
      context_.run();
      return absl::DeadlineExceededError(fmt::format("{}: no answer in time", doing));
    }
    if (!*result) return absl::OkStatus();
    return absl::UnavailableError(fmt::format("{}: {}", doing, printable(result->message())));
  }

  absl::Status connect() {
    stream_.emplace(context_, tls_);
    tcp::resolver::results_type endpoints;
    absl::Status status =
        step(fmt::format("looking up {}", next_hop().host), [&](const auto& handler) {
          resolver_.async_resolve(next_hop().host, std::to_string(next_hop().port),
                                  [&endpoints, handler](const error_code& error,
                                                        const tcp::resolver::results_type& found) {
                                    endpoints = found;
                                    handler(error);
                                  });
        });
    if (!status.ok()) return status;
    const std::string doing = fmt::format("connecting to {}", next_hop().text());
    if (!post_.local_address.empty()) {
      if (status = bind_local(); !status.ok()) return status;
      return step(doing, [&](const auto& handler) {
        stream_->next_layer().async_connect(endpoints.begin()->endpoint(), handler);
      });
    }
    return step(doing, [&](const auto& handler) {
      asio::async_connect(stream_->next_layer(), endpoints, handler);
    });
  }

  absl::Status bind_local() {
    error_code error;
    const tcp::endpoint local(asio::ip::make_address(post_.local_address, error), 0);
    if (!error) stream_->next_layer().open(local.protocol(), error);
    if (!error) stream_->next_layer().bind(local, error);
    if (!error) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("binding to {}: {}", post_.local_address, printable(error.message())));
  }

  absl::Status ask_proxy() {
    const std::string doing =
        fmt::format("asking the proxy {} for {}", post_.proxy.text(), post_.server.text());
    http::request<http::empty_body> request(http::verb::connect, post_.server.text(), 11);
    request.set(http::field::host, post_.server.text());
    absl::Status status = step(doing, [&](const auto& handler) {
      http::async_write(stream_->next_layer(), request, handler);
    });
    if (!status.ok()) return status;
    http::response_parser<http::empty_body> parser;
    parser.header_limit(kHeaderLimit);
    // A CONNECT's answer has no body, whatever its header says (RFC 9110, 9.3.6).
    parser.skip(true);
    boost::beast::flat_buffer buffer(kHeaderLimit);
    status = step(doing, [&](const auto& handler) {
      http::async_read_header(stream_->next_layer(), buffer, parser, handler);
    });
    if (!status.ok()) return status;
    if (parser.get().result_int() / 100 == 2) return absl::OkStatus();
    const auto reason = parser.get().reason();
    return absl::UnavailableError(fmt::format("{}: {} {}", doing, parser.get().result_int(),
                                              printable({reason.data(), reason.size()}, 200)));
  }

  absl::Status shake_hands() {
    const std::string doing = fmt::format("TLS with {}", post_.server.text());
    error_code is_name;
    asio::ip::make_address(post_.server.host, is_name);
    // RFC 6066: a server name is never an IP address.
    if (is_name) SSL_set_tlsext_host_name(stream_->native_handle(), post_.server.host.c_str());
    absl::Status status = step(doing, [&](const auto& handler) {
      stream_->async_handshake(asio::ssl::stream_base::client, handler);
    });
    if (!status.ok()) return status;
    return post_.check_server(SSL_get_peer_cert_chain(stream_->native_handle()));
  }

  absl::StatusOr<HttpsAnswer> exchange() {
    const std::string doing = fmt::format("sending to {}", post_.server.text());
    http::request<http::string_body> request(http::verb::post, post_.path, 11, post_.body);
    request.set(http::field::host, post_.server.text());
    request.set(http::field::user_agent, fmt::format("muster-agent/{}", kVersion));
    request.set(http::field::content_type, "application/json");
    request.set(http::field::connection, "close");
    request.prepare_payload();
    absl::Status status =
        step(doing, [&](const auto& handler) { http::async_write(*stream_, request, handler); });
    if (!status.ok()) return status;
    http::response_parser<http::string_body> parser;
    parser.header_limit(kHeaderLimit);
    parser.body_limit(kBodyLimit);
    boost::beast::flat_buffer buffer;
    status =
        step(fmt::format("reading the answer of {}", post_.server.text()),
             [&](const auto& handler) { http::async_read(*stream_, buffer, parser, handler); });
    if (!status.ok()) return status;
    return HttpsAnswer{parser.get().result_int(), std::move(parser.get().body())};
  }

  const HttpsPost& post_;
  const std::chrono::steady_clock::time_point deadline_;
  asio::io_context context_{1};
  tcp::resolver resolver_{context_};
  asio::ssl::context tls_;
  std::optional<asio::ssl::stream<tcp::socket>> stream_;
  const std::stop_callback<std::function<void()>> on_stop_{post_.stop, [this] { context_.stop(); }};
};

}  // namespace

absl::StatusOr<HttpsAnswer> post_json(const HttpsPost& post) {
  try {
    return Exchange(post).run();
  } catch (const std::exception& error) {
    // Asio and Beast throw where the system has no more of something.
    return absl::UnavailableError(fmt::format("HTTPS: {}", printable(error.what())));
  }
}

}  // namespace muster::agent
