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
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/probes/listeners/known_listener.h"
#include "agent/probes/listeners/listener_questions.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/tls/staple.h"
#include "agent/probes/tls/tls_conversation.h"
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

// What a process listens at is asked one after the other.
std::string process_of(const v1::ListeningSocket& socket) {
  const v1::SocketOwner& owner = socket.owner();
  if (owner.processes() == 0) return fmt::format("{}", socket.inode());
  return fmt::format("{}\n{}\n{}\n{}", owner.container(), owner.unit(), owner.executable(),
                     owner.program());
}

class ListenersLook {
 public:
  ListenersLook(const Given& given, const LookParts& parts)
      : given_(given),
        parts_(parts),
        known_(recall(given.sockets, given.before, parts.leave_alone)),
        ends_(SteadyClock::now() + parts.look_takes) {}

  v1::ListenerFacts run() {
    choose_names(known_.listeners, given_.certificates);
    std::map<std::string, std::vector<KnownListener*>> by_process;
    for (KnownListener& listener : known_.listeners)
      by_process[process_of(listener.socket)].push_back(&listener);
    for (auto& [process, listeners] : by_process)
      waiting_.push_back(std::move(listeners));
    for (size_t i = 0; i < std::min(kMostAtOnce, waiting_.size()); ++i)
      asio::co_spawn(io_, work(), asio::detached);
    io_.run();
    choose_names(known_.listeners, given_.certificates);
    return to_facts(known_.listeners, known_.omitted);
  }

 private:
  bool is_over() const { return SteadyClock::now() >= ends_; }

  asio::awaitable<void> work() {
    while (!waiting_.empty()) {
      const std::vector<KnownListener*> listeners = std::move(waiting_.back());
      waiting_.pop_back();
      for (KnownListener* const listener : listeners)
        co_await look_at(*listener);
    }
  }

  asio::awaitable<void> look_at(KnownListener& listener) {
    if (!given_.all_questions) {
      if (const std::optional<Question> question = next_question(listener, given_.look)) {
        choose_protocol(listener, given_.look);
        co_await ask(listener, *question);
      }
      co_return;
    }
    for (int asked = 0; asked < kMostQuestions; ++asked) {
      const std::vector<Question> questions = unasked_questions(listener);
      if (questions.empty() || is_over()) co_return;
      co_await ask(listener, questions.front());
      // That it said nothing does not change by asking again at once; nor does one of its answers.
      if (listener.state == v1::LISTENER_STATE_UNKNOWN) co_return;
      if (listener.state == v1::LISTENER_STATE_TLS && listener.names.empty()) {
        choose_names(known_.listeners, given_.certificates);
      }
      const std::vector<Question> left = unasked_questions(listener);
      if (left.size() == questions.size() && left.front().name == questions.front().name &&
          left.front().highest == questions.front().highest &&
          listener.state != v1::LISTENER_STATE_NOT_ASKED) {
        co_return;
      }
    }
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
    if (is_over()) co_return;
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
    heard.refused =
        said.answer == v1::TLS_ANSWER_ALERT || (said.answer == v1::TLS_ANSWER_CLOSED && said.began);
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
  const SteadyClock::time_point ends_;
  asio::io_context io_{1};
  std::vector<std::vector<KnownListener*>> waiting_;
};

}  // namespace

v1::Section look_at_listeners(const Given& given, const LookParts& parts) {
  return probe::observed(ListenersLook(given, parts).run());
}

}  // namespace muster::listeners
