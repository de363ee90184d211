// As in collector/http/request_parser.cpp: Beast 1.81 asserts that the end of a chunked body does
// not arrive byte by byte, which is the peer's to decide; the code behind the assertion copes.
#define BOOST_DISABLE_ASSERTS

#include "agent/probes/domain/registry/web_question.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <utility>

#include "agent/probes/domain/registry/dial_words.h"
#include "agent/probes/network/boottime_timer.h"
#include "common/address.h"
#include "common/openssl.h"
#include "common/text.h"
#include "common/version.h"

namespace muster::domains::registry {

namespace asio = boost::asio;

struct WebTrust::Context {
  asio::ssl::context tls{asio::ssl::context::tls_client};
};

namespace {

namespace http = boost::beast::http;
using asio::experimental::awaitable_operators::operator||;
using asio::ip::tcp;
using boost::system::error_code;
using network_probe::BoottimeClock;
using network_probe::BoottimeTimer;
using network_probe::Dial;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr uint16_t kHttpPort = 80;
constexpr uint16_t kHttpsPort = 443;
constexpr size_t kFieldShown = 1024;
constexpr size_t kReasonShown = 128;

WebReply failed(const rdap::WebUrl& url, std::string_view why) {
  return {.failure = fmt::format("{} {}", url.host, why), .connected = true};
}

http::request<http::empty_body> request_of(const WebQuestion& question) {
  const rdap::WebUrl& url = question.url;
  http::request<http::empty_body> request(http::verb::get, url.target, 11);
  const std::string place = Address{.host = url.host, .port = url.port}.text();
  const bool is_usual = url.port == (url.tls ? kHttpsPort : kHttpPort);
  request.set(http::field::host, is_usual ? place.substr(0, place.rfind(':')) : place);
  request.set(http::field::user_agent, fmt::format("muster-agent/{}", kVersion));
  request.set(http::field::accept, question.accept);
  request.set(http::field::connection, "close");
  return request;
}

std::string words_of(const error_code& error) {
  if (error == http::error::body_limit)
    return fmt::format("has an answer of more than {} KiB", kLargestWebBody >> 10);
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return "has an answer with too large a header";
  if (error.category() == http::make_error_code(http::error::bad_version).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    return fmt::format("does not answer by HTTP: {}", printable(error.message(), kReasonShown));
  }
  return "broke the connection before its answer's end";
}

// Asks on a stream that is connected, or encrypted.
template <typename Stream>
asio::awaitable<WebReply> exchange(Stream& stream, const WebQuestion& question) {
  const http::request<http::empty_body> request = request_of(question);
  const auto [unsent, sent] = co_await http::async_write(stream, request, kTuple);
  if (unsent) co_return failed(question.url, "closed the connection");
  http::response_parser<http::string_body> parser;
  parser.header_limit(kLargestWebHeader);
  parser.body_limit(kLargestWebBody);
  boost::beast::flat_buffer buffer(2 * kLargestWebHeader);
  const auto [unread, size] = co_await http::async_read(stream, buffer, parser, kTuple);
  // Without a length it lasts until the connection ends; where that is broken off, nothing says
  // that it is whole.
  if (unread) co_return failed(question.url, words_of(unread));
  http::response<http::string_body> answer = parser.release();
  const auto field = [&answer](http::field name) {
    const auto value = answer[name];
    return printable({value.data(), value.size()}, kFieldShown);
  };
  co_return WebReply{.status = static_cast<int>(answer.result_int()),
                     .content_type = field(http::field::content_type),
                     .location = field(http::field::location),
                     .retry_after = field(http::field::retry_after),
                     .body = std::move(answer.body()),
                     .connected = true};
}

// What was wrong with a handshake, and above all with the certificate.
std::string handshake_words(SSL* connection, const error_code& error) {
  const long verified = SSL_get_verify_result(connection);
  if (verified != X509_V_OK) {
    return fmt::format("is not who it should be: its certificate is not accepted ({})",
                       X509_verify_cert_error_string(verified));
  }
  if (error.category() == asio::error::get_ssl_category())
    return fmt::format("does not agree on TLS: {}", printable(error.message(), kReasonShown));
  return "broke the connection during the handshake of TLS";
}

asio::awaitable<WebReply> exchange_by_tls(tcp::socket& socket, const WebQuestion& question,
                                          WebTrust::Context& context) {
  asio::ssl::stream<tcp::socket&> stream(socket, context.tls);
  SSL* const connection = stream.native_handle();
  const std::string& host = question.url.host;
  error_code is_name;
  asio::ip::make_address(host, is_name);
  // RFC 6066: a server name is never an IP address.
  const bool is_set =
      is_name ? SSL_set_tlsext_host_name(connection, host.c_str()) == 1 &&
                    SSL_set1_host(connection, host.c_str()) == 1
              : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1;
  if (!is_set) co_return failed(question.url, "was not asked: OpenSSL does not take its name");
  SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::client, kTuple);
  if (error) co_return failed(question.url, handshake_words(connection, error));
  co_return co_await exchange(stream, question);
}

asio::awaitable<WebReply> exchange_by_scheme(tcp::socket& socket, const WebQuestion& question,
                                             const WebTrust& trust) {
  if (!question.url.tls) co_return co_await exchange(socket, question);
  co_return co_await exchange_by_tls(socket, question, *trust.context());
}

// Null where the bundle has no certificate.
X509StorePtr store_of(std::string_view pem) {
  X509StorePtr store(X509_STORE_new());
  const BioPtr bio = memory_bio(pem);
  if (store == nullptr || bio == nullptr) return nullptr;
  size_t count = 0;
  while (const X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)})
    count += X509_STORE_add_cert(store.get(), certificate.get()) == 1 ? 1 : 0;
  ERR_clear_error();
  return count > 0 ? std::move(store) : nullptr;
}

}  // namespace

WebTrust::WebTrust() = default;
WebTrust::WebTrust(WebTrust&&) noexcept = default;
WebTrust& WebTrust::operator=(WebTrust&&) noexcept = default;
WebTrust::~WebTrust() = default;

absl::StatusOr<WebTrust> WebTrust::from_bundle(std::string_view pem) {
  X509StorePtr store = store_of(pem);
  if (store == nullptr) return absl::InvalidArgumentError("it has no certificate of an authority");
  WebTrust trust;
  trust.context_ = std::make_unique<Context>();
  SSL_CTX* const context = trust.context_->tls.native_handle();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cert_store(context, store.release());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return trust;
}

WebTrust WebTrust::missing(std::string why) {
  WebTrust trust;
  trust.missing_why_ = std::move(why);
  return trust;
}

asio::awaitable<WebReply> ask_web(network_probe::Look& look, WebQuestion question,
                                  const WebTrust& trust) {
  const std::string& host = question.url.host;
  if (question.url.tls && trust.context() == nullptr) {
    co_return WebReply{.failure = fmt::format("{} was not asked: {}", host, trust.missing_why())};
  }
  const Duration before = look.time_left();
  tcp::socket socket(look.io());
  const Dial dial = co_await look.connect_to_server(
      socket, {.host = host, .port = question.url.port}, question.wanted, question.at_most);
  if (dial.end != Dial::End::kConnected) co_return WebReply{.failure = dial_words(host, dial)};
  if (!question.still_wanted())
    co_return WebReply{.failure = fmt::format("{} was not asked: it is left alone", host)};
  const Duration used = before - look.time_left();
  const auto began = BoottimeClock::now();
  BoottimeTimer timer(look.io());
  timer.expires_after(question.at_most - std::min(used, question.at_most));
  auto first = co_await (exchange_by_scheme(socket, question, trust) || timer.async_wait(kTuple));
  look.spend(BoottimeClock::now() - began);
  if (first.index() == 1) co_return failed(question.url, "did not answer in time");
  co_return std::get<0>(std::move(first));
}

}  // namespace muster::domains::registry
