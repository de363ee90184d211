#include "agent/probes/listeners/listener_memory.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "agent/probes/listeners/protocol_guess.h"
#include "common/text.h"

namespace muster::listeners {
namespace {

using tls::TlsVersion;

constexpr size_t kDetailLimit = 256;

using Place = std::tuple<uint64_t, uint32_t, std::string>;

// Of the last look: by address and port. The number of the socket says whether it is still the
// same.
using Before = std::map<std::pair<std::string, uint32_t>, const v1::Listener*>;

uint32_t missed_at(const google::protobuf::RepeatedField<uint32_t>& missed, size_t at) {
  return at < static_cast<size_t>(missed.size()) ? missed.Get(static_cast<int>(at)) : 0;
}

void recall_missed(const v1::MissedLooks& missed, KnownListener& listener) {
  listener.missed_in_a_row = missed.in_a_row();
  listener.missed_in_all = missed.in_all();
  for (size_t i = 0; i < listener.services.size(); ++i)
    listener.services[i].missed = missed_at(missed.since_service(), i);
  for (size_t i = 0; i < kVersions.size(); ++i) {
    const uint32_t count = missed_at(missed.since_version(), i);
    if (count > 0) listener.versions.missed[kVersions.at(i)] = count;
  }
}

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
  recall_missed(said.missed(), listener);
}

void tell_missed(const KnownListener& known, v1::Listener& listener) {
  if (known.missed_in_all == 0) return;
  v1::MissedLooks& missed = *listener.mutable_missed();
  missed.set_in_a_row(known.missed_in_a_row);
  missed.set_in_all(known.missed_in_all);
  const auto has_missed = [](const KnownService& service) { return service.missed > 0; };
  if (std::any_of(known.services.begin(), known.services.end(), has_missed)) {
    for (const KnownService& service : known.services)
      missed.add_since_service(service.missed);
  }
  if (known.versions.missed.empty()) return;
  for (const TlsVersion version : kVersions) {
    const auto found = known.versions.missed.find(version);
    missed.add_since_version(found == known.versions.missed.end() ? 0 : found->second);
  }
}

void to_listener(const KnownListener& known, v1::Listener& listener) {
  listener.set_address(known.socket.address());
  listener.set_port(known.socket.port());
  listener.set_inode(known.socket.inode());
  *listener.mutable_owner() = known.socket.owner();
  listener.set_state(known.state);
  listener.set_detail(truncate_utf8(known.detail, kDetailLimit));
  listener.set_starttls(known.starttls);
  tell_missed(known, listener);
  if (known.state != v1::LISTENER_STATE_TLS) return;
  for (const std::string& name : known.names) {
    if (known.service_of(name) == nullptr) listener.add_names_not_asked(name);
  }
  listener.set_names_omitted(static_cast<uint32_t>(known.names_omitted));
  listener.mutable_configured_names()->Assign(known.configured_names.begin(),
                                              known.configured_names.end());
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
    if (const std::optional<LeaveAlone::Reason> reason = leave_alone.why(socket)) {
      listener.is_left_alone = true;
      listener.state = reason->state;
      listener.detail = reason->words;
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
