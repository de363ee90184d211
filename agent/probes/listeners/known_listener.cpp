#include "agent/probes/listeners/known_listener.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "agent/probes/listeners/protocol_guess.h"
#include "agent/probes/tls/starttls.h"
#include "common/text.h"

namespace muster::listeners {
namespace {

using tls::TlsVersion;

constexpr size_t kDetailLimit = 256;
constexpr std::array kVersions{TlsVersion::kTls10, TlsVersion::kTls11, TlsVersion::kTls12,
                               TlsVersion::kTls13};

bool speaks_tls(v1::TlsAnswer answer) {
  return answer == v1::TLS_ANSWER_COMPLETED || answer == v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED ||
         answer == v1::TLS_ANSWER_ALERT;
}

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

using Place = std::tuple<uint64_t, uint32_t, std::string>;

// Of the last look: by address and port. The number of the socket says whether it is still the
// same.
using Before = std::map<std::pair<std::string, uint32_t>, const v1::Listener*>;

void recall_services(const v1::Listener& said, const v1::ListenerFacts& before,
                     KnownListener& listener) {
  for (const v1::TlsService& service : said.services()) {
    KnownService& known = listener.services.emplace_back();
    known.said = service;
    const uint32_t chain = service.chain();
    if (chain > 0 && chain <= static_cast<uint32_t>(before.chains_size())) {
      known.chain = before.chains(static_cast<int>(chain - 1)).SerializeAsString();
    }
    known.said.clear_chain();
    known.said.clear_versions();
    known.said.clear_versions_not_asked();
    if (service.versions().empty() && service.versions_not_asked().empty()) continue;
    listener.versions.taken.clear();
    listener.versions.not_asked.clear();
    for (const TlsVersion version : kVersions) {
      const auto has = [version](const auto& names) {
        return std::find(names.begin(), names.end(), tls::version_name(version)) != names.end();
      };
      if (has(service.versions())) listener.versions.taken.insert(version);
      if (has(service.versions_not_asked())) listener.versions.not_asked.insert(version);
    }
  }
}

void recall_listener(const v1::Listener& said, const v1::ListenerFacts& before,
                     KnownListener& listener) {
  const v1::ListenerState state = said.state();
  if (state != v1::LISTENER_STATE_TLS && state != v1::LISTENER_STATE_NO_TLS &&
      state != v1::LISTENER_STATE_UNKNOWN && state != v1::LISTENER_STATE_NOT_ASKED) {
    return;
  }
  listener.state = state;
  listener.detail = said.detail();
  // What was guessed, and then found to be wrong.
  listener.starttls = said.starttls();
  recall_services(said, before, listener);
}

void to_listener(const KnownListener& known, v1::Listener& listener) {
  listener.set_address(known.socket.address());
  listener.set_port(known.socket.port());
  listener.set_inode(known.socket.inode());
  *listener.mutable_owner() = known.socket.owner();
  listener.set_state(known.state);
  listener.set_detail(truncate_utf8(known.detail, kDetailLimit));
  listener.set_starttls(known.starttls);
  if (known.state != v1::LISTENER_STATE_TLS) return;
  for (const std::string& name : known.names) {
    if (known.service_of(name) == nullptr) listener.add_names_not_asked(name);
  }
  listener.set_names_omitted(static_cast<uint32_t>(known.names_omitted));
}

void to_service(const KnownListener& known, const KnownService& from, v1::TlsService& service) {
  service = from.said;
  if (!speaks_tls(service.answer())) return;
  for (const TlsVersion version : kVersions) {
    const std::string name(tls::version_name(version));
    if (known.versions.taken.contains(version)) service.add_versions(name);
    if (known.versions.not_asked.contains(version)) service.add_versions_not_asked(name);
  }
}

}  // namespace

void KnownVersions::take(TlsVersion highest, std::string_view picked) {
  for (const TlsVersion version : kVersions) {
    if (version > highest) break;
    if (tls::version_name(version) == picked) {
      taken.insert(version);
      not_asked.erase(version);
      // Those that it was offered besides, and passed over.
      for (const TlsVersion newer : kVersions) {
        if (newer <= version || newer > highest) continue;
        taken.erase(newer);
        not_asked.erase(newer);
      }
      return;
    }
  }
  if (!picked.empty()) return;
  std::erase_if(taken, [highest](TlsVersion version) { return version <= highest; });
  std::erase_if(not_asked, [highest](TlsVersion version) { return version <= highest; });
}

const KnownService* KnownListener::service_of(std::string_view name) const {
  const auto found = std::find_if(
      services.begin(), services.end(),
      [name](const KnownService& service) { return service.said.server_name() == name; });
  return found == services.end() ? nullptr : &*found;
}

bool KnownListener::is_by_name() const {
  return starttls == v1::START_TLS_XMPP || starttls == v1::START_TLS_XMPP_SERVER;
}

const KnownService* KnownListener::lead() const {
  const auto found =
      std::find_if(services.begin(), services.end(),
                   [](const KnownService& service) { return !service.chain.empty(); });
  return found == services.end() ? nullptr : &*found;
}

Recalled recall(const v1::SocketFacts& sockets, const v1::ListenerFacts& before,
                const LeaveAlone& leave_alone) {
  Before by_place;
  for (const v1::Listener& listener : before.listeners())
    by_place[{listener.address(), listener.port()}] = &listener;
  Recalled recalled;
  std::set<Place> seen;
  for (const v1::ListeningSocket& socket : sockets.sockets()) {
    // Several may share a port; a connection goes to any of them.
    if (!seen.insert({socket.network_namespace(), socket.port(), socket.address()}).second) {
      continue;
    }
    if (recalled.listeners.size() == kMostListeners) {
      ++recalled.omitted;
      continue;
    }
    KnownListener& listener = recalled.listeners.emplace_back();
    listener.socket = socket;
    listener.starttls = guess_starttls(socket);
    listener.detail = leave_alone.why(socket);
    if (!listener.detail.empty()) {
      listener.state = v1::LISTENER_STATE_LEFT_ALONE;
    } else if (socket.network_namespace() != 0) {
      listener.state = v1::LISTENER_STATE_OUT_OF_REACH;
      listener.detail = "it is in another network namespace";
    } else if (const auto found = by_place.find({socket.address(), socket.port()});
               found != by_place.end() && found->second->inode() == socket.inode()) {
      recall_listener(*found->second, before, listener);
    }
  }
  recalled.omitted += sockets.sockets_omitted();
  return recalled;
}

void take_answer(KnownListener& listener, const Question& question, const Heard& heard) {
  const v1::TlsService& said = heard.service;
  if (question.is_of_version()) {
    const bool picked = said.answer() == v1::TLS_ANSWER_COMPLETED && !said.version().empty();
    if (picked || heard.refused) {
      listener.versions.take(question.highest, picked ? said.version() : "");
    }
    return;
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
  *place = {.said = said, .chain = heard.chain};
  if (!said.version().empty()) listener.versions.take(TlsVersion::kTls13, said.version());
  const bool speaks =
      std::any_of(listener.services.begin(), listener.services.end(),
                  [](const KnownService& service) { return speaks_tls(service.said.answer()); });
  listener.state = speaks ? v1::LISTENER_STATE_TLS : v1::LISTENER_STATE_UNKNOWN;
  listener.detail = speaks ? "" : words_of(said);
}

v1::ListenerFacts to_facts(const std::vector<KnownListener>& listeners, size_t omitted) {
  v1::ListenerFacts facts;
  std::map<std::string_view, uint32_t> numbers;
  size_t size = 0;
  for (const KnownListener& known : listeners) {
    v1::Listener& listener = *facts.add_listeners();
    to_listener(known, listener);
    for (const KnownService& from : known.services) {
      v1::TlsService& service = *listener.add_services();
      to_service(known, from, service);
      if (from.chain.empty()) continue;
      auto [number, is_new] = numbers.try_emplace(from.chain, 0);
      if (is_new) {
        facts.add_chains()->ParseFromString(from.chain);
        number->second = static_cast<uint32_t>(facts.chains_size());
        size += from.chain.size();
      }
      service.set_chain(number->second);
    }
    size += listener.ByteSizeLong();
    if (size <= kMostOfFacts) continue;
    // Its chains stay behind: they are few, and nothing points to them.
    facts.mutable_listeners()->RemoveLast();
    omitted += listeners.size() - static_cast<size_t>(facts.listeners_size());
    break;
  }
  std::sort(facts.mutable_listeners()->begin(), facts.mutable_listeners()->end(),
            [](const v1::Listener& a, const v1::Listener& b) {
              return std::tuple(a.port(), std::string_view(a.address()), a.inode()) <
                     std::tuple(b.port(), std::string_view(b.address()), b.inode());
            });
  facts.set_listeners_omitted(static_cast<uint32_t>(omitted));
  return facts;
}

}  // namespace muster::listeners
