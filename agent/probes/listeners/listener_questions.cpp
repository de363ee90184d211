#include "agent/probes/listeners/listener_questions.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "agent/probes/listeners/protocol_guess.h"
#include "common/server_programs.h"

namespace muster::listeners {
namespace {

using tls::TlsVersion;

// An hour of looks.
constexpr uint64_t kUnknownAgain = 12;
// Of what was not asked yet, every fourth look goes to what was.
constexpr uint64_t kKnownAgain = 4;
constexpr size_t kLongestName = 253;

// A name that can be sent: nothing of a wildcard, an address or another alphabet.
std::string plain_name(std::string_view text) {
  std::string name(text);
  bool has_letter = false;
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool is_letter = c >= 'a' && c <= 'z';
    has_letter = has_letter || is_letter;
    if (!is_letter && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_') return {};
  }
  if (!has_letter || name.size() > kLongestName || name.starts_with('.')) return {};
  return name;
}

std::set<std::string> configured_names(const KnownListener& listener,
                                       const v1::CertificateFacts& certificates) {
  std::set<std::string> names;
  const std::string_view program = program_of(listener.socket.owner().program());
  for (const v1::CertificateUse& use : certificates.uses()) {
    if (program.empty() || program_of(use.program()) != program) continue;
    for (const std::string& text : use.server_names()) {
      if (std::string name = plain_name(text); !name.empty()) names.insert(std::move(name));
    }
  }
  return names;
}

std::set<std::string> certificate_names(const KnownListener& listener) {
  std::set<std::string> names;
  const KnownService* const service = listener.service_of("");
  v1::ServedChain chain;
  if (service == nullptr || !chain.ParseFromString(service->chain) ||
      chain.certificates().empty()) {
    return names;
  }
  constexpr std::string_view kDns = "DNS:";
  for (const std::string_view text : chain.certificates(0).subject_alternative_names()) {
    if (!text.starts_with(kDns)) continue;
    if (std::string name = plain_name(text.substr(kDns.size())); !name.empty()) {
      names.insert(std::move(name));
    }
  }
  return names;
}

void choose_names_of(KnownListener& listener, const v1::CertificateFacts& certificates) {
  std::set<std::string> chosen;
  size_t omitted = 0;
  const auto choose = [&](const std::string& name) {
    if (chosen.contains(name)) return;
    if (chosen.size() < kMostNames) {
      chosen.insert(name);
    } else {
      ++omitted;
    }
  };
  const std::set<std::string> configured = configured_names(listener, certificates);
  for (const std::string& name : configured)
    choose(name);
  listener.configured_names.assign(chosen.begin(), chosen.end());
  for (const std::string& name : certificate_names(listener))
    choose(name);
  listener.names.assign(chosen.begin(), chosen.end());
  listener.names_omitted = omitted;
  std::erase_if(listener.services, [&chosen](const KnownService& service) {
    return !service.said.server_name().empty() && !chosen.contains(service.said.server_name());
  });
}

bool may_be_asked(const KnownListener& listener) {
  if (listener.is_left_alone) return false;
  return listener.state == v1::LISTENER_STATE_NOT_ASKED ||
         listener.state == v1::LISTENER_STATE_UNKNOWN || listener.state == v1::LISTENER_STATE_TLS;
}

// Cheapest first: who refuses 1.1 and older with one answer is not asked for 1.0.
std::vector<Question> version_questions(const KnownListener& listener, bool again) {
  std::vector<Question> questions;
  const KnownService* const lead = listener.lead();
  if (lead == nullptr) return questions;
  const KnownVersions& versions = listener.versions;
  const auto unasked = [&versions](TlsVersion version) {
    return versions.not_asked.contains(version);
  };
  const auto ask = [&](TlsVersion highest) {
    questions.push_back({.name = lead->said.server_name(), .highest = highest});
  };
  if (again || unasked(TlsVersion::kTls11)) {
    ask(TlsVersion::kTls11);
  }
  if (unasked(TlsVersion::kTls10) ? !unasked(TlsVersion::kTls11)
                                  : again && versions.taken.contains(TlsVersion::kTls11)) {
    ask(TlsVersion::kTls10);
  }
  if (again ? versions.taken.contains(TlsVersion::kTls13) : unasked(TlsVersion::kTls12)) {
    ask(TlsVersion::kTls12);
  }
  return questions;
}

// Never asked, or too long ago.
bool is_nothing_known(const KnownService& service) {
  return service.said.answer() == v1::TLS_ANSWER_UNSPECIFIED;
}

Question first_question(const KnownListener& listener) {
  if (!listener.is_by_name() || listener.names.empty()) return {};
  return {.name = listener.names.front()};
}

std::vector<Question> questions_again(const KnownListener& listener) {
  std::vector<Question> questions;
  if (!listener.is_by_name() || listener.names.empty()) questions.emplace_back();
  for (const KnownService& service : listener.services) {
    if (!service.said.server_name().empty()) {
      questions.push_back({.name = service.said.server_name()});
    }
  }
  for (Question& question : version_questions(listener, true))
    questions.push_back(std::move(question));
  return questions;
}

}  // namespace

void choose_names(std::vector<KnownListener>& listeners, const v1::CertificateFacts& certificates) {
  for (KnownListener& listener : listeners) {
    const bool is_before_tls = listener.is_by_name() && may_be_asked(listener);
    if (listener.state == v1::LISTENER_STATE_TLS || is_before_tls)
      choose_names_of(listener, certificates);
  }
}

std::vector<Question> unasked_questions(const KnownListener& listener) {
  if (!may_be_asked(listener)) return {};
  if (listener.services.empty()) return {first_question(listener)};
  std::vector<Question> questions;
  // That without a name is first among them.
  for (const KnownService& service : listener.services) {
    if (is_nothing_known(service)) questions.push_back({.name = service.said.server_name()});
  }
  for (const std::string& name : listener.names) {
    if (listener.service_of(name) == nullptr) questions.push_back({.name = name});
  }
  for (Question& question : version_questions(listener, false))
    questions.push_back(std::move(question));
  return questions;
}

std::optional<Question> next_question(const KnownListener& listener, uint64_t turn) {
  if (!may_be_asked(listener)) return std::nullopt;
  if (listener.services.empty()) {
    const bool is_due = listener.state != v1::LISTENER_STATE_UNKNOWN ||
                        turn % kUnknownAgain == listener.socket.inode() % kUnknownAgain;
    return is_due ? std::optional(first_question(listener)) : std::nullopt;
  }
  const std::vector<Question> unasked = unasked_questions(listener);
  if (!unasked.empty() && turn % kKnownAgain != kKnownAgain - 1) return unasked.front();
  const std::vector<Question> again = questions_again(listener);
  // What is asked again meanwhile goes on from one to the next, and not by fours.
  const uint64_t at = unasked.empty() ? turn : turn / kKnownAgain;
  return again[static_cast<size_t>(at % again.size())];
}

void choose_protocol(KnownListener& listener, uint64_t turn) {
  if (listener.state != v1::LISTENER_STATE_UNKNOWN || !listener.services.empty()) return;
  const bool is_at_once = turn / kUnknownAgain % 2 == 1;
  listener.starttls = is_at_once ? v1::START_TLS_UNSPECIFIED : guess_starttls(listener.socket);
}

}  // namespace muster::listeners
