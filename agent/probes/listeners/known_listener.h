// What is known of one listening socket, gathered over looks: each lays one answer to it. Pure; one
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/tls/tls_conversation.h"
#include "muster/v1/listener_facts.pb.h"

namespace muster::listeners {

// Names that one is asked for.
inline constexpr size_t kMostNames = 16;
// Looks without time for it after which an answer is not taken for today's: an hour, on top of the
// hour and 40 minutes in which each question has its turn at the latest. No host comes there that
// is not kept from it: the looks of an hour ask a thousand sockets once, each as slow as may be.
inline constexpr uint32_t kMostMissed = 12;

// What one server name was answered.
struct KnownService {
  v1::TlsService said;
  // Its chain, a serialized v1::ServedChain; empty: none came.
  std::string chain;
  // Looks that had no time for its socket since it was said; kMostMissed at most.
  uint32_t missed = 0;
};

// Which versions the server takes, and which were not asked for. In neither: refused.
struct KnownVersions {
  std::set<tls::TlsVersion> taken;
  std::set<tls::TlsVersion> not_asked{tls::TlsVersion::kTls10, tls::TlsVersion::kTls11,
                                      tls::TlsVersion::kTls12, tls::TlsVersion::kTls13};
  // As of KnownService, of those that were settled; 0 where none is here.
  std::map<tls::TlsVersion, uint32_t> missed = {};

  // It was offered all up to `highest`, and picked this ("TLSv1.2"); empty: it refused them all.
  void take(tls::TlsVersion highest, std::string_view picked);
  // That question was asked and came to nothing: what it was to tell is not known, or not any more.
  void take_nothing(tls::TlsVersion highest);
  // There was no time for its socket: what has missed too many is not known any more.
  void miss_look();

 private:
  void forget(tls::TlsVersion version);
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
  // Those of `names` that its program is configured with.
  std::vector<std::string> configured_names;
  // Nobody is to dial it, whatever its state.
  bool is_left_alone = false;
  // Looks that had no time for it: in a row up to now, and in all.
  uint32_t missed_in_a_row = 0;
  uint32_t missed_in_all = 0;

  const KnownService* service_of(std::string_view name) const;
  // It says nothing to who does not name the host that is wanted, before TLS: XMPP.
  bool is_by_name() const;
  // The first that showed certificates; null: none did.
  const KnownService* lead() const;
};

// Whether it answered in TLS, with whatever.
bool speaks_tls(v1::TlsAnswer answer);

// Oldest first.
inline constexpr std::array kVersions{tls::TlsVersion::kTls10, tls::TlsVersion::kTls11,
                                      tls::TlsVersion::kTls12, tls::TlsVersion::kTls13};

}  // namespace muster::listeners
