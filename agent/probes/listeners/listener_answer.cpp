#include "agent/probes/listeners/listener_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "agent/probes/listeners/protocol_guess.h"
#include "agent/probes/tls/starttls.h"
#include "common/text.h"

namespace muster::listeners {
namespace {

using tls::TlsVersion;

constexpr size_t kDetailLimit = 256;

// It said something, and that was no TLS.
bool speaks_no_tls(v1::TlsAnswer answer) {
  return answer == v1::TLS_ANSWER_NOT_TLS || answer == v1::TLS_ANSWER_NO_STARTTLS ||
         answer == v1::TLS_ANSWER_NOT_THE_PROTOCOL;
}

std::string words_of(const v1::TlsService& service) {
  if (!service.detail().empty()) return truncate_utf8(service.detail(), kDetailLimit);
  switch (service.answer()) {
    case v1::TLS_ANSWER_CLOSED:
      return "it closed the connection without a word of TLS";
    case v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT:
      return "it did not answer in time";
    case v1::TLS_ANSWER_REFUSED:
      return "it refused the connection";
    case v1::TLS_ANSWER_CONNECT_TIMED_OUT:
      return "it did not take the connection in time";
    default:
      return {};
  }
}

// What clear_answer.h makes of an answer that is another protocol's: "…: starttls=smtp?".
v1::StartTls suggested_by(std::string_view detail) {
  constexpr std::string_view kSuggestion = "starttls=";
  const size_t at = detail.find(kSuggestion);
  if (at == std::string_view::npos) return v1::START_TLS_UNSPECIFIED;
  std::string_view name = detail.substr(at + kSuggestion.size());
  name = name.substr(0, name.find_first_of(" ?"));
  v1::StartTls protocol = v1::START_TLS_UNSPECIFIED;
  return tls::parse_starttls(name, protocol) ? protocol : v1::START_TLS_UNSPECIFIED;
}

// What was guessed is not what it waits for, or not now: some that speak TLS at once are silent, or
// close, when they hear something else.
bool is_wrong_guess(const KnownListener& listener, v1::TlsAnswer answer) {
  return listener.starttls != v1::START_TLS_UNSPECIFIED &&
         (answer == v1::TLS_ANSWER_NOT_THE_PROTOCOL || answer == v1::TLS_ANSWER_CLOSED ||
          answer == v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT);
}

void take_unknown(KnownListener& listener, const v1::TlsService& said) {
  // Asked in turn by both protocols it says this and that: what is known does not move with it.
  if (listener.state != v1::LISTENER_STATE_UNKNOWN) listener.detail = words_of(said);
  listener.state = v1::LISTENER_STATE_UNKNOWN;
  listener.starttls = guess_starttls(listener.socket);
}

// TLS at once is the next question.
void take_wrong_guess(KnownListener& listener, const v1::TlsService& said) {
  if (listener.state == v1::LISTENER_STATE_UNKNOWN) return take_unknown(listener, said);
  listener.services.clear();
  listener.versions = {};
  listener.state = v1::LISTENER_STATE_NOT_ASKED;
  listener.detail = fmt::format("it does not speak {}: {}", tls::starttls_name(listener.starttls),
                                words_of(said));
  listener.starttls = v1::START_TLS_UNSPECIFIED;
}

// Another protocol may have to be spoken first: that is tried once, at the next look.
void take_no_tls(KnownListener& listener, const v1::TlsService& said) {
  const bool is_first = listener.detail.empty();
  listener.services.clear();
  listener.versions = {};
  const v1::StartTls suggested = suggested_by(said.detail());
  if (listener.starttls == v1::START_TLS_UNSPECIFIED && suggested != v1::START_TLS_UNSPECIFIED) {
    // It was right, and had no time.
    if (suggested == guess_starttls(listener.socket)) return take_unknown(listener, said);
    if (is_first) {
      listener.detail = words_of(said);
      listener.state = v1::LISTENER_STATE_NOT_ASKED;
      listener.starttls = suggested;
      return;
    }
  }
  listener.detail = words_of(said);
  listener.state = v1::LISTENER_STATE_NO_TLS;
}

void take_version(KnownVersions& versions, TlsVersion highest, const Heard& heard) {
  const v1::TlsService& said = heard.service;
  const bool picked = said.answer() == v1::TLS_ANSWER_COMPLETED && !said.version().empty();
  if (!picked && !heard.refused) return versions.take_nothing(highest);
  versions.take(highest, picked ? said.version() : "");
}

}  // namespace

void take_answer(KnownListener& listener, const Question& question, const Heard& heard) {
  const v1::TlsService& said = heard.service;
  listener.missed_in_a_row = 0;
  if (question.is_of_version()) {
    return take_version(listener.versions, question.highest, heard);
  }
  const bool is_known = !listener.services.empty();
  if (is_wrong_guess(listener, said.answer()) &&
      (!is_known || (said.answer() == v1::TLS_ANSWER_NOT_THE_PROTOCOL && question.name.empty()))) {
    return take_wrong_guess(listener, said);
  }
  const bool is_for_want_of_name =
      listener.is_by_name() && said.answer() == v1::TLS_ANSWER_NO_STARTTLS;
  if (speaks_no_tls(said.answer()) && question.name.empty() && !is_for_want_of_name) {
    return take_no_tls(listener, said);
  }
  if (!is_known && !speaks_tls(said.answer())) return take_unknown(listener, said);
  auto place = std::lower_bound(
      listener.services.begin(), listener.services.end(), question.name,
      [](const KnownService& a, const std::string& name) { return a.said.server_name() < name; });
  if (place == listener.services.end() || place->said.server_name() != question.name) {
    place = listener.services.emplace(place);
  }
  *place = {.said = said, .chain = heard.chain, .missed = 0};
  if (!said.version().empty()) listener.versions.take(TlsVersion::kTls13, said.version());
  const bool speaks =
      std::any_of(listener.services.begin(), listener.services.end(),
                  [](const KnownService& service) { return speaks_tls(service.said.answer()); });
  listener.state = speaks ? v1::LISTENER_STATE_TLS : v1::LISTENER_STATE_UNKNOWN;
  listener.detail = speaks ? "" : words_of(said);
}

}  // namespace muster::listeners
