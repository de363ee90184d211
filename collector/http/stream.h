// A connected socket, with TLS or without, TCP or Unix: what a connection reads and writes. Used
// from its connection's strand only.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <memory>

namespace muster::collector::http {

class Stream {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using Buffers = std::array<boost::asio::const_buffer, 2>;

  virtual ~Stream() = default;

  // To be waited for before anything else.
  virtual boost::asio::awaitable<boost::system::error_code> handshake() = 0;
  virtual boost::asio::awaitable<size_t> read_some(boost::asio::mutable_buffer buffer,
                                                   boost::system::error_code& error) = 0;
  virtual boost::asio::awaitable<boost::system::error_code> write(const Buffers& buffers) = 0;
  // Says that nothing more will be sent, and reads what still comes, so that the last answer is not
  // lost to a reset. Ends when the peer closes; the caller bounds it by close().
  virtual boost::asio::awaitable<void> finish() = 0;
  // At once; whatever is under way fails.
  virtual void close() = 0;
};

std::unique_ptr<Stream> make_plain_stream(Stream::Socket socket);
// TLS is set up when the peer's first byte is there: who only connects costs little.
std::unique_ptr<Stream> make_tls_stream(Stream::Socket socket,
                                        std::shared_ptr<boost::asio::ssl::context> context);

}  // namespace muster::collector::http
