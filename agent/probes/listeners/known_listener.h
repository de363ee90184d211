// What is known of one listening socket, and what comes of it: as it is gathered, one answer after
// the other, out of what the last look said. Pure; one thread.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "agent/probes/listeners/leave_alone.h"
#include "agent/probes/tls/tls_conversation.h"
#include "muster/v1/listener_facts.pb.h"

namespace muster::listeners {

// Listeners in the facts, and names that one is asked for.
inline constexpr size_t kMostListeners = 1024;
inline constexpr size_t kMostNames = 16;
// Of the facts: what is past it is omitted.
inline constexpr size_t kMostOfFacts = size_t{3} << 20;

// What one server name was answered.
struct KnownService {
  v1::TlsService said;
  // Its chain, a serialized v1::ServedChain; empty: none came.
  std::string chain;
};

// Which versions the server takes, and which were not asked for. In neither: refused.
struct KnownVersions {
  std::set<tls::TlsVersion> taken;
  std::set<tls::TlsVersion> not_asked{tls::TlsVersion::kTls10, tls::TlsVersion::kTls11,
                                      tls::TlsVersion::kTls12, tls::TlsVersion::kTls13};

  // It was offered all up to `highest`, and picked this ("TLSv1.2"); empty: it refused them all.
  void take(tls::TlsVersion highest, std::string_view picked);
};

struct KnownListener {
  v1::ListeningSocket socket;
  v1::ListenerState state = v1::LISTENER_STATE_NOT_ASKED;
  std::string detail;
  v1::StartTls starttls = v1::START_TLS_UNSPECIFIED;
  // That without a name first, then by name.
  std::vector<KnownService> services;
  KnownVersions versions;
  // To be asked for, in order; set by choose_names.
  std::vector<std::string> names;
  size_t names_omitted = 0;

  const KnownService* service_of(std::string_view name) const;
  // It says nothing to who does not name the host that is wanted, before TLS: XMPP.
  bool is_by_name() const;
  // The first that showed certificates; null: none did.
  const KnownService* lead() const;
};

// One question, which takes one connection.
struct Question {
  // Empty: no name is sent.
  std::string name = {};
  // Below kTls13: only whether the server takes this version or older ones.
  tls::TlsVersion highest = tls::TlsVersion::kTls13;

  bool is_of_version() const { return highest != tls::TlsVersion::kTls13; }
};

// What came of one.
struct Heard {
  // With all but `chain`, `versions` and `versions_not_asked`.
  v1::TlsService service;
  // As KnownService.chain.
  std::string chain = {};
  // Of a question for a version: the server looked at what was offered and wanted none of it.
  bool refused = false;
};

struct Recalled {
  std::vector<KnownListener> listeners;
  size_t omitted = 0;
};

// The sockets, each once by address and port, with what was said before by the same number of
// socket.
Recalled recall(const v1::SocketFacts& sockets, const v1::ListenerFacts& before,
                const LeaveAlone& leave_alone);

// Lays what was heard to what is known.
void take_answer(KnownListener& listener, const Question& question, const Heard& heard);

v1::ListenerFacts to_facts(const std::vector<KnownListener>& listeners, size_t omitted);

}  // namespace muster::listeners
