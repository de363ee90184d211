#include "collector/http_client/http_get.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
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
using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using Answer = absl::StatusOr<HttpAnswer>;

// What the steps of one exchange share.
struct Exchange {
  const HttpGet& get;
  std::vector<tcp::endpoint> endpoints;
  ssl::context tls{ssl::context::tls_client};
  // For the message if it fails, or does not end.
  std::string doing = {};

  absl::Status failed(std::string_view why) const {
    return absl::UnavailableError(fmt::format("{}: {}", doing, printable(why, 500)));
  }
  absl::Status failed(const error_code& error) const { return failed(error.message()); }
};

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

template <typename Stream>
asio::awaitable<Answer> send_and_receive(Stream& stream, Exchange& exchange) {
  const std::string authority = exchange.get.url.authority();
  exchange.doing = fmt::format("sending to {}", authority);
  const std::string request = request_text(exchange.get);
  error_code error;
  co_await asio::async_write(stream, asio::buffer(request), redirect_error(use_awaitable, error));
  if (error) co_return exchange.failed(error);
  exchange.doing = fmt::format("reading the answer of {}", authority);
  ResponseParser parser(exchange.get.body_bytes);
  std::string input;
  std::array<char, 16 * 1024> buffer{};
  while (!parser.complete()) {
    const size_t size =
        co_await stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
    absl::Status status;
    if (error == asio::error::eof) {
      status = parser.finish();
    } else if (error) {
      // Also of TLS that was cut: without its farewell, more may have been to come.
      co_return exchange.failed(error == ssl::error::stream_truncated
                                    ? "the connection ended before the answer did"
                                    : error.message());
    } else {
      input.append(buffer.data(), size);
      status = parser.feed(input);
    }
    if (!status.ok()) {
      co_return absl::Status(status.code(),
                             fmt::format("{}: {}", exchange.doing, std::string(status.message())));
    }
    if (error) break;
  }
  co_return parser.take();
}

asio::awaitable<absl::Status> shake_hands(ssl::stream<tcp::socket>& stream, Exchange& exchange) {
  const std::string& host = exchange.get.url.host;
  exchange.doing = fmt::format("TLS with {}", exchange.get.url.authority());
  error_code is_name;
  asio::ip::make_address(host, is_name);
  // RFC 6066: a server name is never an IP address.
  if (is_name) SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
  // Takes an IP address too.
  if (SSL_set1_host(stream.native_handle(), host.c_str()) != 1) {
    co_return exchange.failed("its name cannot be checked");
  }
  error_code error;
  co_await stream.async_handshake(ssl::stream_base::client, redirect_error(use_awaitable, error));
  if (!error) co_return absl::OkStatus();
  const long verified = SSL_get_verify_result(stream.native_handle());
  if (verified == X509_V_OK) co_return exchange.failed(error);
  if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    co_return exchange.failed(fmt::format("its certificate is not for {}", host));
  }
  co_return exchange.failed(
      fmt::format("{}; `ca_file` names the CA to trust", X509_verify_cert_error_string(verified)));
}

asio::awaitable<Answer> run(Exchange& exchange) {
  exchange.doing = fmt::format("connecting to {}", exchange.get.url.authority());
  ssl::stream<tcp::socket> stream(co_await asio::this_coro::executor, exchange.tls);
  error_code error;
  co_await asio::async_connect(stream.next_layer(), exchange.endpoints,
                               redirect_error(use_awaitable, error));
  if (error) co_return exchange.failed(error);
  if (!exchange.get.url.tls) co_return co_await send_and_receive(stream.next_layer(), exchange);
  if (absl::Status status = co_await shake_hands(stream, exchange); !status.ok()) {
    co_return status;
  }
  co_return co_await send_and_receive(stream, exchange);
}

}  // namespace

absl::StatusOr<HttpAnswer> http_get(const HttpGet& get) {
  const auto deadline = std::chrono::steady_clock::now() + get.timeout;
  auto endpoints = look_up(get.url.host, get.url.port, deadline, get.stop);
  if (!endpoints.ok()) return endpoints.status();
  try {
    Exchange exchange{.get = get, .endpoints = *std::move(endpoints)};
    if (absl::Status status = set_up_tls(exchange.tls, get.ca_pem); !status.ok()) return status;
    std::optional<Answer> answer;
    // After what its coroutine uses, which ends with it.
    asio::io_context context(1);
    const std::stop_callback on_stop(get.stop, [&context] { context.stop(); });
    asio::co_spawn(context, run(exchange), [&answer](std::exception_ptr error, Answer result) {
      answer = error ? absl::UnavailableError("HTTP: no memory for it") : std::move(result);
    });
    context.run_until(deadline);
    if (answer) return *std::move(answer);
    return absl::DeadlineExceededError(
        fmt::format("{}: no answer in {} s", exchange.doing,
                    std::chrono::duration_cast<std::chrono::seconds>(get.timeout).count()));
  } catch (const std::exception& error) {
    // Asio throws where the system has no more of something.
    return absl::UnavailableError(fmt::format("HTTP: {}", printable(error.what(), 200)));
  }
}

}  // namespace muster::collector
