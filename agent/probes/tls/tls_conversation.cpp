#include "agent/probes/tls/tls_conversation.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <memory>
#include <utility>

#include "agent/probes/tls/starttls.h"
#include "agent/probes/tls/tls_handshake.h"
#include "common/text.h"

namespace muster::tls {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;

constexpr size_t kPiece = size_t{16} << 10;
constexpr size_t kDetailLimit = 256;
// How long a server may take to say that it wants a certificate, once our part is done.
constexpr Duration kVerdictTime = std::chrono::seconds(2);

Duration since(SteadyClock::time_point began) {
  return std::chrono::duration_cast<Duration>(SteadyClock::now() - began);
}

// What came at once.
enum class Came { kBytes, kNothingYet, kEnd, kReset, kTooMuch };

class Conversation {
 public:
  Conversation(tcp::socket& socket, const TlsQuestion& question, Duration at_most)
      : socket_(socket),
        question_(question),
        handshake_(question),
        until_(SteadyClock::now() + std::max(at_most, Duration(0))),
        timer_(socket.get_executor()),
        waiter_(std::make_shared<Waiter>(Waiter{&socket})) {}
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  ~Conversation() { waiter_->socket = nullptr; }

  asio::awaitable<TlsConversation> run();

 private:
  // Shared with the timer's handler, which may come when the conversation is over.
  struct Waiter {
    tcp::socket* socket;
    bool time_is_up = false;
  };

  void set_timer(SteadyClock::time_point until);
  // False when the time is up.
  asio::awaitable<bool> wait(tcp::socket::wait_type what);
  // False when the time is up; what the peer does not take any more is for the reading to find out.
  asio::awaitable<bool> send(std::string bytes);
  template <typename Take>
  Came receive(Take take);
  // True when TLS may begin.
  asio::awaitable<bool> speak_in_the_clear();
  asio::awaitable<void> shake_hands();
  void end(v1::TlsAnswer answer, std::string_view detail);

  tcp::socket& socket_;
  const TlsQuestion& question_;
  TlsHandshake handshake_;
  const SteadyClock::time_point until_;
  asio::steady_timer timer_;
  const std::shared_ptr<Waiter> waiter_;
  size_t bytes_taken_ = 0;
  TlsConversation told_;
};

void Conversation::set_timer(SteadyClock::time_point until) {
  timer_.expires_at(until);
  timer_.async_wait([waiter = waiter_](const boost::system::error_code& error) {
    if (error || waiter->socket == nullptr) return;
    waiter->time_is_up = true;
    boost::system::error_code ignored;
    waiter->socket->cancel(ignored);
  });
}

asio::awaitable<bool> Conversation::wait(tcp::socket::wait_type what) {
  if (waiter_->time_is_up) co_return false;
  boost::system::error_code ignored;
  co_await socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, ignored));
  // A server that never pauses would keep the timer from being heard.
  co_return !waiter_->time_is_up && SteadyClock::now() < until_;
}

asio::awaitable<bool> Conversation::send(std::string bytes) {
  for (std::string_view left = bytes; !left.empty();) {
    const ssize_t count =
        ::send(socket_.native_handle(), left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) left.remove_prefix(static_cast<size_t>(count));
    if (count >= 0 || errno == EINTR) continue;
    if (errno != EAGAIN) co_return true;
    if (!co_await wait(tcp::socket::wait_write)) co_return false;
  }
  co_return true;
}

// No room is kept for a connection that waits.
template <typename Take>
Came Conversation::receive(Take take) {
  char piece[kPiece];
  const ssize_t count = ::recv(socket_.native_handle(), piece, sizeof piece, MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN || errno == EINTR ? Came::kNothingYet : Came::kReset;
  if (count == 0) return Came::kEnd;
  bytes_taken_ += static_cast<size_t>(count);
  if (bytes_taken_ > kMostBytesTaken) return Came::kTooMuch;
  take(std::string_view(piece, static_cast<size_t>(count)));
  return Came::kBytes;
}

void Conversation::end(v1::TlsAnswer answer, std::string_view detail) {
  told_.answer = answer;
  told_.detail = printable(detail, kDetailLimit);
}

asio::awaitable<bool> Conversation::speak_in_the_clear() {
  const std::unique_ptr<StartTlsDialog> dialog =
      StartTlsDialog::make(question_.starttls, question_.server_name);
  if (dialog == nullptr) co_return true;
  using Step = StartTlsDialog::Step;
  Step step = Step::kRead;
  std::string reply = dialog->opening();
  for (;;) {
    if (!co_await send(std::exchange(reply, {}))) break;
    if (step == Step::kBeginTls) co_return true;
    if (!co_await wait(tcp::socket::wait_read)) break;
    const Came came =
        receive([&](std::string_view bytes) { step = dialog->receive(bytes, reply); });
    if (came == Came::kEnd || came == Came::kReset) {
      end(v1::TLS_ANSWER_CLOSED, came == Came::kEnd ? "it closed the connection before TLS began"
                                                    : "it reset the connection before TLS began");
      co_return false;
    }
    if (came == Came::kTooMuch || step == Step::kTooLarge) {
      end(v1::TLS_ANSWER_TOO_LARGE, dialog->detail());
    } else if (step == Step::kNoStartTls) {
      end(v1::TLS_ANSWER_NO_STARTTLS, dialog->detail());
    } else if (step == Step::kNotTheProtocol) {
      end(v1::TLS_ANSWER_NOT_THE_PROTOCOL, dialog->detail());
    } else {
      continue;
    }
    co_return false;
  }
  end(v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT, bytes_taken_ == 0
                                              ? "it said nothing before TLS could begin"
                                              : "it was too slow before TLS could begin");
  co_return false;
}

asio::awaitable<void> Conversation::shake_hands() {
  using Step = TlsHandshake::Step;
  const SteadyClock::time_point began = SteadyClock::now();
  told_.began = true;
  bool in_time = true;
  bool awaits_verdict = false;
  Came came = Came::kNothingYet;
  Step step = handshake_.begin();
  for (;;) {
    // Also what is left at its end: our Finished, our alert.
    in_time = co_await send(handshake_.take_outgoing());
    if (!in_time || step == Step::kEnded) break;
    if (step == Step::kAwaitVerdict && !std::exchange(awaits_verdict, true)) {
      told_.handshake = since(began);
      boost::system::error_code ignored;
      socket_.shutdown(tcp::socket::shutdown_send, ignored);
      set_timer(std::min(until_, SteadyClock::now() + kVerdictTime));
    }
    in_time = co_await wait(tcp::socket::wait_read);
    if (!in_time) break;
    came = receive([&](std::string_view bytes) { step = handshake_.receive(bytes); });
    if (came == Came::kTooMuch) break;
    if (came == Came::kEnd || came == Came::kReset) {
      step = handshake_.receive_end(came == Came::kReset);
    }
  }
  const Duration took = awaits_verdict ? told_.handshake : since(began);
  told_ = handshake_.finish();
  told_.handshake = took;
  told_.began = true;
  if (step == Step::kEnded) co_return;
  if (awaits_verdict) {
    // It said nothing against what it got.
    end(v1::TLS_ANSWER_COMPLETED, "");
  } else if (came == Came::kTooMuch) {
    end(v1::TLS_ANSWER_TOO_LARGE, "it sent more than 1 MiB before the handshake was over");
  } else {
    end(v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT, bytes_taken_ == 0
                                                ? "it did not answer the ClientHello in time"
                                                : "its handshake was not over in time");
  }
}

asio::awaitable<TlsConversation> Conversation::run() {
  set_timer(until_);
  if (co_await speak_in_the_clear()) co_await shake_hands();
  timer_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  co_return std::move(told_);
}

}  // namespace

std::string_view version_name(TlsVersion version) {
  switch (version) {
    case TlsVersion::kTls10:
      return "TLSv1";
    case TlsVersion::kTls11:
      return "TLSv1.1";
    case TlsVersion::kTls12:
      return "TLSv1.2";
    case TlsVersion::kTls13:
      break;
  }
  return "TLSv1.3";
}

asio::awaitable<TlsConversation> converse(tcp::socket& socket, const TlsQuestion& question,
                                          Duration at_most) {
  Conversation conversation(socket, question, at_most);
  co_return co_await conversation.run();
}

}  // namespace muster::tls
