// A registry's server on loopback, on the test's own io_context: RDAP over TLS or in the clear, or
// WHOIS. It says what a test says, as badly as that says, and counts what it is asked. Tests only.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/common/certificate_maker.h"

namespace muster::domains::registry::test {

// One answer and how it is given.
struct Saying {
  std::string bytes = {};
  // In pieces of so many bytes (0: at once), so long apart.
  size_t piece = 0;
  std::chrono::milliseconds pause{1};
  // Again and again after it, until nobody takes it.
  std::string endless = {};
  enum class End { kClose, kWait, kReset } end = End::kClose;
};

// Where a connection is reset, before anything is said.
enum class Break { kNowhere, kAtOnce, kAfterHandshake, kAfterQuestion };

// A server's certificate, by an authority that is made for it.
struct ServerIdentity {
  explicit ServerIdentity(const std::string& name) : key(muster::test::make_key()) {
    const EvpPkeyPtr authority_key = muster::test::make_key();
    const X509Ptr authority = muster::test::self_signed(
        {.common_name = "Example Root", .is_authority = true}, authority_key.get());
    certificate = muster::test::issued_by({.serial = 2, .subject_alternative_names = {name}},
                                          key.get(), authority.get(), authority_key.get());
    authority_pem = muster::test::certificate_pem(authority.get());
  }
  EvpPkeyPtr key;
  X509Ptr certificate;
  std::string authority_pem;
};

class RegistryServer {
 public:
  using Tcp = boost::asio::ip::tcp;
  using Answer = std::function<Saying(const std::string& question)>;

  // `identity` null: in the clear. `end_of_question`: "\r\n\r\n" of HTTP, "\r\n" of WHOIS.
  RegistryServer(boost::asio::io_context& io, const ServerIdentity* identity,
                 std::string end_of_question = "\r\n\r\n", uint16_t at_port = 0,
                 const std::string& address = "127.0.0.1")
      : acceptor_(io, Tcp::endpoint(boost::asio::ip::make_address(address), at_port)),
        is_tls_(identity != nullptr),
        end_of_question_(std::move(end_of_question)) {
    if (is_tls_) {
      SSL_CTX_use_certificate(context_.native_handle(), identity->certificate.get());
      SSL_CTX_use_PrivateKey(context_.native_handle(), identity->key.get());
    }
    accept();
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }

  Answer answer;
  Break breaks = Break::kNowhere;
  int accepted = 0;
  // As they came, each whole.
  std::vector<std::string> questions;

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
      if (error) return;
      ++accepted;
      boost::asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)),
                            boost::asio::detached);
      accept();
    });
  }

  static void reset(Tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
  }

  boost::asio::awaitable<void> serve(Tcp::socket socket) {
    if (breaks == Break::kAtOnce) co_return reset(socket);
    if (!is_tls_) co_return co_await talk(socket, socket);
    boost::asio::ssl::stream<Tcp::socket&> stream(socket, context_);
    boost::system::error_code error;
    co_await stream.async_handshake(boost::asio::ssl::stream_base::server,
                                    boost::asio::redirect_error(boost::asio::use_awaitable, error));
    if (error) co_return;
    if (breaks == Break::kAfterHandshake) co_return reset(socket);
    co_await talk(stream, socket);
    // As an orderly server does.
    co_await stream.async_shutdown(boost::asio::redirect_error(boost::asio::use_awaitable, error));
  }

  template <typename Stream>
  boost::asio::awaitable<void> talk(Stream& stream, Tcp::socket& socket) {
    boost::system::error_code error;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, error);
    std::string question;
    std::array<char, 4096> piece{};
    while (!error && question.find(end_of_question_) == std::string::npos) {
      const size_t size = co_await stream.async_read_some(boost::asio::buffer(piece), token);
      question.append(piece.data(), size);
    }
    if (error) co_return;
    questions.push_back(question);
    if (breaks == Break::kAfterQuestion) co_return reset(socket);
    const Saying saying = answer ? answer(question) : Saying();
    boost::asio::steady_timer timer(acceptor_.get_executor());
    const size_t step = saying.piece == 0 ? saying.bytes.size() : saying.piece;
    for (size_t at = 0; at < saying.bytes.size() && !error; at += step) {
      co_await boost::asio::async_write(stream, boost::asio::buffer(saying.bytes.substr(at, step)),
                                        token);
      if (saying.piece == 0) continue;
      timer.expires_after(saying.pause);
      co_await timer.async_wait(token);
    }
    while (!error && !saying.endless.empty())
      co_await boost::asio::async_write(stream, boost::asio::buffer(saying.endless), token);
    if (saying.end == Saying::End::kReset) co_return reset(socket);
    while (!error && saying.end == Saying::End::kWait)
      co_await stream.async_read_some(boost::asio::buffer(piece), token);
  }

  Tcp::acceptor acceptor_;
  const bool is_tls_;
  const std::string end_of_question_;
  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
};

}  // namespace muster::domains::registry::test
