// What a listener was asked and said, laid to what is known of it. Pure; one thread.
#pragma once

#include <string>

#include "agent/probes/listeners/known_listener.h"

namespace muster::listeners {

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

// Lays what was heard to what is known.
void take_answer(KnownListener& listener, const Question& question, const Heard& heard);

}  // namespace muster::listeners
