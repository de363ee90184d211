#include "collector/http/connection.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>
#include <exception>

#include "collector/http/error_response.h"
#include "collector/http/gzip.h"
#include "collector/http/negotiation.h"
#include "collector/http/response_head.h"
#include "collector/http/shared_body.h"

namespace muster::collector::http {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using boost::system::error_code;

// Below, a packet is a packet.
constexpr size_t kCompressFrom = 1024;
// Above, compressing would hold up the other connections of this thread, and a body counts as
// memory that its reader's slowness holds. Up to here head and body go out in one piece.
constexpr size_t kShareFrom = size_t{16} * 1024;
// For a peer to notice that the connection ends.
constexpr Duration kFinishTimeout = std::chrono::seconds(2);

// By value: a coroutine's parameters live as long as it does.
asio::awaitable<std::shared_ptr<const std::string>> compress(std::shared_ptr<SharedBody> body) {
  co_return body->packed();
}

// What a refusal of the parser's is counted as.
Refused reason_of(int status) {
  return status == 413 || status == 431 ? Refused::kTooLarge : Refused::kBadRequest;
}

}  // namespace

// What a handler answers to. Shared by the copies of Respond; the last one to go answers for a
// handler that never did. Holds on to nothing: a store may keep it for longer than the io_context
// lives.
class Connection::PendingAnswer {
 public:
  PendingAnswer(std::weak_ptr<Connection> connection, uint64_t request_number)
      : connection_(std::move(connection)), request_number_(request_number) {}
  ~PendingAnswer() {
    if (!answered_) {
      set(error_response(503, "the collector could not answer this request; try again"));
    }
  }
  PendingAnswer(const PendingAnswer&) = delete;
  PendingAnswer& operator=(const PendingAnswer&) = delete;

  void set(Response response) {
    if (answered_.exchange(true)) return;
    const std::shared_ptr<Connection> connection = connection_.lock();
    if (!connection) return;
    asio::post(connection->strand_, [weak = connection_, number = request_number_,
                                     answer = std::move(response)]() mutable {
      if (const auto alive = weak.lock()) alive->take_answer(number, std::move(answer));
    });
  }

 private:
  const std::weak_ptr<Connection> connection_;
  const uint64_t request_number_;
  std::atomic<bool> answered_ = false;
};

void Connection::ask(const Handler& handler, Request request,
                     const std::shared_ptr<PendingAnswer>& pending) {
  try {
    handler(std::move(request),
            [pending](Response response) { pending->set(std::move(response)); });
  } catch (const std::exception&) {
    // A handler that ran out of memory has not answered: PendingAnswer does.
  }
}

Connection::Connection(std::shared_ptr<ConnectionGroup> group, Strand strand,
                       std::unique_ptr<Stream> stream, Peer peer)
    : group_(std::move(group)),
      strand_(std::move(strand)),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      deadline_(strand_),
      answer_wait_(strand_) {}

Connection::~Connection() {
  group_->leave(this);
}

void Connection::start(std::shared_ptr<Connection> connection) {
  const Strand strand = connection->strand_;
  asio::co_spawn(strand, serve(std::move(connection)), asio::detached);
}

void Connection::stop() {
  asio::post(strand_, [weak = weak_from_this()] {
    const auto connection = weak.lock();
    if (!connection) return;
    connection->stopping_ = true;
    if (connection->idle_) connection->stream_->close();
  });
}

void Connection::close() {
  asio::post(strand_, [weak = weak_from_this()] {
    const auto connection = weak.lock();
    if (!connection) return;
    connection->closed_ = true;
    connection->stream_->close();
    connection->answer_wait_.cancel();
  });
}

asio::awaitable<void> Connection::serve(std::shared_ptr<Connection> connection) {
  connection->set_deadline(connection->group_->limits().request_timeout);
  const error_code error = co_await connection->stream_->handshake();
  if (error) co_return;
  while (co_await connection->serve_request()) {
  }
}

asio::awaitable<bool> Connection::serve_request() {
  const Limits& limits = group_->limits();
  RequestParser parser(limits.header_bytes, limits.body_bytes);
  if (!co_await read_request(parser)) co_return false;
  if (const auto& refusal = parser.refusal()) {
    group_->count(reason_of(refusal->status));
    Response response = error_response(refusal->status, refusal->reason);
    co_return co_await write_response(std::move(response), Delivery());
  }
  group_->proved(this);
  Delivery delivery;
  delivery.keep_alive = parser.keep_alive();
  delivery.without_body = parser.is_head();
  delivery.compress = accepts_gzip(parser.header("accept-encoding"));
  Request request = parser.take();
  request.peer = peer_.address;
  request.from_loopback = peer_.is_loopback;
  request.from_administration_socket = peer_.is_administration_socket;
  Response response = co_await ask_handler(std::move(request));
  co_return co_await write_response(std::move(response), delivery);
}

// False if the peer went, or was too slow.
asio::awaitable<bool> Connection::read_request(RequestParser& parser) {
  const Limits& limits = group_->limits();
  bool continued = false;
  // The first request's time began with the connection, and a pipelined one is already under way.
  idle_ = input_.empty() && request_number_ > 0;
  set_deadline(idle_ ? limits.idle_timeout : limits.request_timeout);
  for (;;) {
    parser.feed(input_);
    if (parser.complete() || parser.refusal()) co_return true;
    if (parser.expects_continue() && !continued) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      const Stream::Buffers buffers = {asio::buffer(kContinue), asio::const_buffer()};
      if (co_await stream_->write(buffers)) co_return false;
      continued = true;
    }
    if (idle_ && stopping_) co_return false;
    error_code error;
    const size_t size = co_await stream_->read_some(asio::buffer(buffer_), error);
    if (error) co_return false;
    if (idle_) {
      idle_ = false;
      set_deadline(limits.request_timeout);
    }
    input_.append(buffer_.data(), size);
  }
}

asio::awaitable<Response> Connection::ask_handler(Request request) {
  deadline_.cancel();
  answer_.reset();
  ++request_number_;
  answer_wait_.expires_after(group_->limits().response_timeout);
  ask(group_->handler(), std::move(request),
      std::make_shared<PendingAnswer>(weak_from_this(), request_number_));
  error_code ended;
  if (!answer_ && !closed_) {
    co_await answer_wait_.async_wait(asio::redirect_error(use_awaitable, ended));
  }
  // A late answer belongs to no request any more.
  ++request_number_;
  if (answer_) co_return *std::move(answer_);
  stopping_ = true;
  co_return error_response(503, "the collector did not answer this request in time; try again");
}

void Connection::take_answer(uint64_t request_number, Response response) {
  if (request_number != request_number_) return;
  answer_ = std::move(response);
  answer_wait_.cancel();
}

asio::awaitable<std::shared_ptr<const std::string>> Connection::shared_bytes(
    std::shared_ptr<SharedBody> body, bool& compress_it) {
  std::shared_ptr<const std::string> bytes = body->text();
  group_->hold(this, peer_.block, *bytes);
  if (!compress_it) co_return bytes;
  std::shared_ptr<const std::string> packed =
      co_await asio::co_spawn(group_->compressor(), compress(std::move(body)), use_awaitable);
  compress_it = packed != nullptr;
  if (packed == nullptr) co_return bytes;
  group_->hold(this, peer_.block, *packed);
  co_return packed;
}

asio::awaitable<bool> Connection::write_response(Response response, Delivery delivery) {
  set_deadline(group_->limits().response_timeout);
  if (response.shared_body == nullptr && response.body.size() > kShareFrom) {
    response.shared_body = std::make_shared<SharedBody>(std::move(response.body));
    response.body.clear();
  }
  ResponseHead head;
  head.keep_alive = delivery.keep_alive && !stopping_;
  std::shared_ptr<const std::string> shared;
  if (response.shared_body != nullptr) {
    head.gzip = delivery.compress;
    shared = co_await shared_bytes(std::move(response.shared_body), head.gzip);
  } else if (delivery.compress && response.body.size() > kCompressFrom) {
    if (std::optional<std::string> packed = gzip(response.body)) {
      response.body = *std::move(packed);
      head.gzip = true;
    }
  }
  head.content_length = shared != nullptr ? shared->size() : response.body.size();
  head.now = std::time(nullptr);
  std::string text = render_response_head(response, head);
  if (delivery.without_body) {
    response.body.clear();
    shared = nullptr;
  }
  text += response.body;
  const Stream::Buffers buffers = {
      asio::buffer(text), shared != nullptr ? asio::buffer(*shared) : asio::const_buffer()};
  const error_code error = co_await stream_->write(buffers);
  group_->release(this);
  if (error) co_return false;
  if (head.keep_alive) co_return true;
  finishing_ = true;
  set_deadline(kFinishTimeout);
  co_await stream_->finish();
  co_return false;
}

void Connection::set_deadline(Duration duration) {
  deadline_.expires_after(duration);
  deadline_.async_wait([weak = weak_from_this()](const error_code& error) {
    if (!error) on_deadline(weak);
  });
}

void Connection::on_deadline(const std::weak_ptr<Connection>& weak) {
  const auto connection = weak.lock();
  // It may have been set anew while this call was on its way.
  if (!connection || connection->deadline_.expiry() > asio::steady_timer::clock_type::now()) return;
  // An idle connection is closed for tidiness, and an answered one waits only for its peer's end.
  if (!connection->idle_ && !connection->finishing_) connection->group_->count(Refused::kTimeout);
  connection->stream_->close();
}

}  // namespace muster::collector::http
