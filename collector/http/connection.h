// One client's connection: request after request, each parsed, handed to the handler and answered,
// within the server's limits. Lives on a strand of its own; shared by what is under way on it, and
// gone when that ends.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <memory>
#include <optional>
#include <string>

#include "collector/http/connection_group.h"
#include "collector/http/message.h"
#include "collector/http/request_parser.h"
#include "collector/http/stream.h"

namespace muster::collector::http {

// Who is at the other end.
struct Peer {
  std::string address;
  // What limits count by.
  std::string block;
  bool is_loopback = false;
  bool is_administration_socket = false;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;

  // `strand` is the one that the stream's socket is on.
  Connection(std::shared_ptr<ConnectionGroup> group, Strand strand, std::unique_ptr<Stream> stream,
             Peer peer);
  ~Connection();

  // Serves until the connection ends. Any thread.
  static void start(std::shared_ptr<Connection> connection);
  // Closes it if it is idle, else once what is under way is answered. Any thread.
  void stop();
  // Closes it at once. Any thread.
  void close();

 private:
  class PendingAnswer;

  static boost::asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
  boost::asio::awaitable<bool> serve_request();
  boost::asio::awaitable<bool> read_request(RequestParser& parser);
  // Not a coroutine: what it makes must not stay in a frame.
  static void ask(const Handler& handler, Request request,
                  const std::shared_ptr<PendingAnswer>& pending);
  boost::asio::awaitable<Response> ask_handler(Request request);
  // How an answer is to leave.
  struct Delivery {
    bool keep_alive = false;
    bool without_body = false;
    bool compress = false;
  };
  // True if another request may follow.
  boost::asio::awaitable<bool> write_response(Response response, Delivery delivery);
  // What is to be sent of a body that several may send, compressed or not. Counted as held.
  boost::asio::awaitable<std::shared_ptr<const std::string>> shared_bytes(
      std::shared_ptr<SharedBody> body, bool& compress);
  void set_deadline(Duration duration);
  static void on_deadline(const std::weak_ptr<Connection>& connection);
  void take_answer(uint64_t request_number, Response response);

  const std::shared_ptr<ConnectionGroup> group_;
  const Strand strand_;
  const std::unique_ptr<Stream> stream_;
  const Peer peer_;

  // All below: on the strand.
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer answer_wait_;
  std::array<char, 4096> buffer_;
  // Read, and not yet taken by a parser.
  std::string input_;
  std::optional<Response> answer_;
  uint64_t request_number_ = 0;
  // Between two requests.
  bool idle_ = false;
  bool stopping_ = false;
  bool closed_ = false;
  // Answered for the last time.
  bool finishing_ = false;
};

}  // namespace muster::collector::http
