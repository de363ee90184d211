#include "collector/http/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "collector/http/error_response.h"
#include "collector/http/response_head.h"

namespace muster::collector::http {
namespace {

namespace asio = boost::asio;
using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;

// What is still read of a peer that was refused.
constexpr size_t kFinishBytes = size_t{4} * 1024 * 1024;

void close_socket(Stream::Socket& socket) {
  error_code ignored;
  socket.close(ignored);
}

asio::awaitable<void> drain(Stream::Socket& socket) {
  error_code error;
  socket.shutdown(Stream::Socket::shutdown_send, error);
  std::array<char, 4096> waste;
  for (size_t left = kFinishBytes; !error && left > waste.size(); left -= waste.size()) {
    co_await socket.async_read_some(asio::buffer(waste), redirect_error(use_awaitable, error));
  }
}

class PlainStream : public Stream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<error_code> handshake() override { co_return error_code(); }

  asio::awaitable<size_t> read_some(asio::mutable_buffer buffer, error_code& error) override {
    co_return co_await socket_.async_read_some(buffer, redirect_error(use_awaitable, error));
  }

  asio::awaitable<error_code> write(const Buffers& buffers) override {
    error_code error;
    co_await asio::async_write(socket_, buffers, redirect_error(use_awaitable, error));
    co_return error;
  }

  asio::awaitable<void> finish() override { co_await drain(socket_); }
  void close() override { close_socket(socket_); }

 private:
  Socket socket_;
};

class TlsStream : public Stream {
 public:
  TlsStream(Socket socket, std::shared_ptr<asio::ssl::context> context)
      : socket_(std::move(socket)), context_(std::move(context)) {}

  asio::awaitable<error_code> handshake() override {
    error_code error;
    co_await socket_.async_wait(Socket::wait_read, redirect_error(use_awaitable, error));
    if (error) co_return error;
    stream_.emplace(socket_, *context_);
    context_.reset();
    co_await stream_->async_handshake(asio::ssl::stream_base::server,
                                      redirect_error(use_awaitable, error));
    if (error.category() == asio::error::get_ssl_category() &&
        ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST) {
      co_await answer_plain_request();
    }
    co_return error;
  }

  asio::awaitable<size_t> read_some(asio::mutable_buffer buffer, error_code& error) override {
    co_return co_await stream_->async_read_some(buffer, redirect_error(use_awaitable, error));
  }

  asio::awaitable<error_code> write(const Buffers& buffers) override {
    error_code error;
    co_await asio::async_write(*stream_, buffers, redirect_error(use_awaitable, error));
    co_return error;
  }

  asio::awaitable<void> finish() override {
    error_code error;
    co_await stream_->async_shutdown(redirect_error(use_awaitable, error));
    co_await drain(socket_);
  }
  void close() override { close_socket(socket_); }

 private:
  // Who forgot the "s" of https is told so.
  asio::awaitable<void> answer_plain_request() {
    Response response =
        error_response(400, "this port speaks HTTPS: use https:// in front of its address");
    const ResponseHead head = {
        .content_length = response.body.size(), .keep_alive = false, .now = std::time(nullptr)};
    const std::string answer = render_response_head(response, head) + response.body;
    error_code error;
    co_await asio::async_write(socket_, asio::buffer(answer), redirect_error(use_awaitable, error));
    co_await drain(socket_);
  }

  Socket socket_;
  // Until the handshake begins. Shared with the connections that begin theirs.
  std::shared_ptr<asio::ssl::context> context_;
  std::optional<asio::ssl::stream<Socket&>> stream_;
};

}  // namespace

std::unique_ptr<Stream> make_plain_stream(Stream::Socket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

std::unique_ptr<Stream> make_tls_stream(Stream::Socket socket,
                                        std::shared_ptr<asio::ssl::context> context) {
  return std::make_unique<TlsStream>(std::move(socket), std::move(context));
}

}  // namespace muster::collector::http
