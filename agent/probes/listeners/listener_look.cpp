#include "agent/probes/listeners/listener_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/probes/listeners/known_listener.h"
#include "agent/probes/listeners/listener_answer.h"
#include "agent/probes/listeners/listener_memory.h"
#include "agent/probes/listeners/listener_questions.h"
#include "agent/probes/listeners/listener_turns.h"
#include "agent/probes/listeners/missed_looks.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/tls/staple.h"
#include "agent/probes/tls/tls_conversation.h"
#include "agent/probes/tls/version_questions.h"
#include "common/address.h"
#include "common/text.h"

namespace muster::listeners {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;
using asio::experimental::awaitable_operators::operator||;
using SteadyClock = std::chrono::steady_clock;

constexpr size_t kDetailLimit = 256;
// Of one socket where all are asked: names and versions, and some that are asked again by another
// protocol.
constexpr int kMostQuestions = 32;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// Where a socket is dialled: one at all addresses at a loopback one.
std::optional<ip::address> dialled(const v1::ListeningSocket& socket) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(socket.address(), error);
  if (error) return std::nullopt;
  if (!address.is_unspecified()) return address;
  // An interface may be without ::1 where a socket at :: takes IPv4 as well.
  if (address.is_v4() || socket.both_families()) return ip::address_v4::loopback();
  return ip::address_v6::loopback();
}

v1::TlsAnswer answer_of(const boost::system::error_code& error) {
  switch (error.value()) {
    case ECONNREFUSED:
    case ECONNRESET:
      return v1::TLS_ANSWER_REFUSED;
    case EHOSTUNREACH:
    case ENETUNREACH:
      return v1::TLS_ANSWER_UNREACHABLE;
    case ETIMEDOUT:
      return v1::TLS_ANSWER_CONNECT_TIMED_OUT;
    default:
      return v1::TLS_ANSWER_UNSPECIFIED;
  }
}

class ListenersLook {
 public:
  ListenersLook(const Given& given, const LookParts& parts)
      : given_(given),
        parts_(parts),
        known_(recall(given.sockets, given.before, parts.leave_alone)),
        questions_asked_(known_.listeners.size()),
        ends_(SteadyClock::now() + parts.look_takes) {}

  v1::ListenerFacts run() {
    choose_names(known_.listeners, given_.certificates);
    turns_.emplace(due());
    for (size_t i = 0; i < kMostAtOnce; ++i)
      asio::co_spawn(io_, work(), asio::detached);
    io_.run();
    for (const ListenerTurns::Turn& turn : turns_->left()) {
      if (questions_asked_[turn.listener] == 0) miss_look(known_.listeners[turn.listener]);
    }
    choose_names(known_.listeners, given_.certificates);
    return to_facts(known_.listeners, known_.omitted);
  }

 private:
  bool is_over() const { return SteadyClock::now() >= ends_; }

  std::optional<Question> question_of(const KnownListener& listener) const {
    if (!given_.all_questions) return next_question(listener, turn_of(listener, given_.look));
    const std::vector<Question> questions = unasked_questions(listener);
    return questions.empty() ? std::nullopt : std::optional(questions.front());
  }

  std::vector<ListenerTurns::Turn> due() const {
    std::vector<ListenerTurns::Turn> turns;
    for (size_t i = 0; i < known_.listeners.size(); ++i) {
      const KnownListener& listener = known_.listeners[i];
      if (!question_of(listener)) continue;
      turns.push_back(
          {.listener = i, .group = group_of(listener.socket), .missed = listener.missed_in_a_row});
    }
    return turns;
  }

  asio::awaitable<void> work() {
    while (!is_over()) {
      const std::optional<ListenerTurns::Turn> turn = turns_->take();
      // What is left is of those that others are asking, who go on with it.
      if (!turn) co_return;
      KnownListener& listener = known_.listeners[turn->listener];
      const std::optional<Question> question = question_of(listener);
      if (question) {
        if (!given_.all_questions) choose_protocol(listener, turn_of(listener, given_.look));
        ++questions_asked_[turn->listener];
        co_await ask(listener, *question);
      }
      turns_->end(*turn, question && given_.all_questions && has_more(*turn, *question));
    }
  }

  // Where somebody waits for all of it, once `asked` was.
  bool has_more(const ListenerTurns::Turn& turn, const Question& asked) {
    const KnownListener& listener = known_.listeners[turn.listener];
    // That it said nothing does not change by asking again at once.
    if (listener.state == v1::LISTENER_STATE_UNKNOWN) return false;
    if (listener.state == v1::LISTENER_STATE_TLS && listener.names.empty()) {
      choose_names(known_.listeners, given_.certificates);
    }
    const std::optional<Question> next = question_of(listener);
    if (!next || questions_asked_[turn.listener] >= kMostQuestions) return false;
    // Nor does one of its answers.
    return listener.state == v1::LISTENER_STATE_NOT_ASKED || next->name != asked.name ||
           next->highest != asked.highest;
  }

  asio::awaitable<void> ask(KnownListener& listener, const Question& question) {
    const std::optional<ip::address> address = dialled(listener.socket);
    // Right before it is dialled, whoever said that it listens there.
    if (!address || !parts_.may_dial(*address)) {
      listener.state = v1::LISTENER_STATE_OUT_OF_REACH;
      listener.detail = fmt::format("{} is not an address of this host that it can dial",
                                    printable(listener.socket.address(), 64));
      listener.services.clear();
      co_return;
    }
    ip::tcp::socket socket(io_);
    const ip::tcp::endpoint endpoint(*address, static_cast<uint16_t>(listener.socket.port()));
    Heard heard = co_await connect(socket, endpoint);
    if (heard.service.answer() == v1::TLS_ANSWER_COMPLETED) {
      heard = co_await talk(socket, listener, question);
    }
    heard.service.set_address(
        Address{.host = address->to_string(), .port = endpoint.port()}.text());
    heard.service.set_server_name(question.name);
    take_answer(listener, question, heard);
  }

  // COMPLETED where it is connected.
  asio::awaitable<Heard> connect(ip::tcp::socket& socket, ip::tcp::endpoint endpoint) {
    Heard heard;
    asio::steady_timer timer(io_, parts_.connection_takes);
    const auto first =
        co_await (socket.async_connect(endpoint, kTuple) || timer.async_wait(kTuple));
    if (first.index() == 1) {
      heard.service.set_answer(v1::TLS_ANSWER_CONNECT_TIMED_OUT);
      co_return heard;
    }
    const boost::system::error_code error = std::get<0>(std::get<0>(first));
    heard.service.set_answer(error ? answer_of(error) : v1::TLS_ANSWER_COMPLETED);
    if (error) heard.service.set_detail(printable(error.message(), kDetailLimit));
    co_return heard;
  }

  asio::awaitable<Heard> talk(ip::tcp::socket& socket, const KnownListener& listener,
                              const Question& question) {
    const tls::TlsQuestion asked{.server_name = question.name,
                                 .starttls = listener.starttls,
                                 .highest = question.highest,
                                 .version_only = question.is_of_version()};
    const tls::TlsConversation said =
        co_await tls::converse(socket, asked, parts_.connection_takes);
    Heard heard;
    heard.refused = tls::is_version_refusal(said);
    v1::TlsService& service = heard.service;
    service.set_answer(said.answer);
    service.set_detail(said.detail);
    service.set_version(said.version);
    service.set_cipher(said.cipher);
    if (question.is_of_version() || said.chain.empty()) co_return heard;
    heard.chain = tls::describe_chain(said.chain, said.certificates_omitted, parts_.store)
                      .SerializeAsString();
    service.set_name_matches(tls::certificate_names(
        said.chain.front(),
        question.name.empty() ? dialled(listener.socket)->to_string() : question.name));
    take_staple(said, service);
    co_return heard;
  }

  void take_staple(const tls::TlsConversation& said, v1::TlsService& service) const {
    if (said.staple.empty()) return;
    *service.mutable_staple() = tls::read_staple(said.staple, said.chain, &parts_.store);
    const tls::RevocationAnswer answer =
        tls::revocation_by_staple(said.staple, said.chain, &parts_.store);
    service.set_revocation(answer.status);
    service.set_revocation_detail(answer.detail);
    if (answer.revoked_at) *service.mutable_revoked_at() = *answer.revoked_at;
  }

  const Given& given_;
  const LookParts& parts_;
  Recalled known_;
  // Of each listener, in this look.
  std::vector<int> questions_asked_;
  const SteadyClock::time_point ends_;
  asio::io_context io_{1};
  std::optional<ListenerTurns> turns_;
};

}  // namespace

v1::Section look_at_listeners(const Given& given, const LookParts& parts) {
  return probe::observed(ListenersLook(given, parts).run());
}

}  // namespace muster::listeners
