// What a listener is asked, and what next: no name, each name that is its own, then older versions
// of TLS. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/probes/listeners/known_listener.h"
#include "agent/probes/listeners/listener_answer.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster::listeners {

// Sets `names` of each that speaks TLS: those that its program is configured with, and those of the
// certificate that it serves to who names nothing; without wildcards, at most kMostNames. A
// program has several ports and not every name is for each of them: which is meant for which is the
// rules' matter. Drops the services of names that are none any more.
void choose_names(std::vector<KnownListener>& listeners, const v1::CertificateFacts& certificates);

// What was not asked yet, or so long ago that it is not known any more; the default first. None of
// a socket that is left alone, out of reach, or speaks no TLS.
std::vector<Question> unasked_questions(const KnownListener& listener);

// The one question of a look, of the turn that it is by turn_of: what was not asked yet, and in
// turn what was, since a server takes up another certificate or setting on the same socket. Of a
// socket that said nothing of TLS once in twelve turns.
std::optional<Question> next_question(const KnownListener& listener, uint64_t turn);

// Sets `starttls` of a socket that said nothing of TLS: in turn what is guessed, and TLS at once.
void choose_protocol(KnownListener& listener, uint64_t turn);

}  // namespace muster::listeners
