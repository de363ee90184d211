#include "agent/probes/zone/questions.h"

#include <fmt/format.h>

#include <utility>

namespace muster::zone {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;

Answer answer_of(Reply reply, const Question& question) {
  Answer answer{.end = reply.end, .why = std::move(reply.why), .message = {}};
  if (reply.end != End::kAnswered) return answer;
  absl::StatusOr<Message> message = Message::read(reply.bytes, question);
  if (message.ok()) {
    answer.message = *std::move(message);
  } else {
    answer.end = End::kUnreadable;
    answer.why = std::string(message.status().message());
  }
  return answer;
}

Resolved resolved_of(const Answer& answer, const Question& question) {
  Resolved resolved;
  const auto failed = [&](std::string_view why) {
    resolved.failure =
        fmt::format("the resolver of this host does not say which {} records {} has: {}",
                    type_text(question.type), question.name.empty() ? "." : question.name, why);
  };
  if (!answer.message) {
    failed(answer.why);
    return resolved;
  }
  const int code = answer.message->code();
  if (code != kNoError && code != kNameError) {
    failed(answer.message->code_text());
    return resolved;
  }
  resolved.name_exists = code == kNoError;
  resolved.message = answer.message;
  resolved.owner = answer.message->end_of_aliases(question.name);
  return resolved;
}

}  // namespace

asio::awaitable<Reply> Questions::exchange(std::optional<ip::address> server, Question question,
                                           Way way) {
  if (asked_ >= kMost) {
    Reply reply{.end = End::kNotAsked, .why = {}, .bytes = {}};
    reply.why = fmt::format("one look asks no more than {} questions", kMost);
    co_return reply;
  }
  ++asked_;
  co_return co_await asker_.ask(std::move(server), std::move(question), way);
}

asio::awaitable<Answer> Questions::ask_either_way(std::optional<ip::address> server,
                                                  Question question) {
  Reply reply = co_await exchange(server, question, Way::kUdp);
  const bool cut_off = reply.end == End::kAnswered && is_cut_off(reply.bytes);
  if (!cut_off && reply.end != End::kTimedOut) co_return answer_of(std::move(reply), question);
  Reply by_tcp = co_await exchange(server, question, Way::kTcp);
  if (by_tcp.end == End::kAnswered || by_tcp.end == End::kNotAsked) {
    Answer answer = answer_of(std::move(by_tcp), question);
    answer.only_by_tcp = !cut_off && answer.message.has_value();
    co_return answer;
  }
  Answer answer{.end = End::kTimedOut, .why = {}, .message = {}};
  answer.why = cut_off ? "its answer needs TCP, by which it does not answer: " + by_tcp.why
                       : reply.why + "; by TCP: " + by_tcp.why;
  co_return answer;
}

asio::awaitable<Answer> Questions::ask(ip::address server, Question question) {
  co_return co_await ask_either_way(std::move(server), std::move(question));
}

asio::awaitable<Answer> Questions::ask_by_tcp(ip::address server, Question question) {
  Reply reply = co_await exchange(std::move(server), question, Way::kTcp);
  co_return answer_of(std::move(reply), question);
}

asio::awaitable<Resolved> Questions::resolve(Question question) {
  const auto known = resolved_.find(question);
  if (known != resolved_.end()) co_return known->second;
  const Answer answer = co_await ask_either_way(std::nullopt, question);
  Resolved resolved = resolved_of(answer, question);
  resolved_.insert_or_assign(question, resolved);
  co_return resolved;
}

asio::awaitable<Addresses> Questions::addresses_of(std::string name) {
  Addresses found;
  for (const Type type : {Type::kA, Type::kAaaa}) {
    Question question{.name = name, .type = type};
    const Resolved resolved = co_await resolve(std::move(question));
    if (!resolved.failure.empty()) found.failure = resolved.failure;
    for (const Record& record : resolved.records(type)) {
      const std::optional<ip::address> address = record.address();
      if (address && found.addresses.size() < kMostAddresses) found.addresses.push_back(*address);
    }
  }
  co_return found;
}

}  // namespace muster::zone
