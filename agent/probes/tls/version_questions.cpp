#include "agent/probes/tls/version_questions.h"

#include <algorithm>

namespace muster::tls {
namespace {

using enum TlsVersion;

// Oldest first.
constexpr std::array kVersions{kTls10, kTls11, kTls12, kTls13};
// The old ones first: one refusal tells of two of them.
constexpr std::array kQuestions{kTls11, kTls10, kTls12};

std::optional<TlsVersion> version_of(std::string_view name) {
  for (const TlsVersion version : kVersions) {
    if (version_name(version) == name) return version;
  }
  return std::nullopt;
}

}  // namespace

bool is_version_refusal(const TlsConversation& conversation) {
  // RFC 8446, 6.2, as OpenSSL names them. Servers that have no cipher for an old version say one of
  // the others; those of OpenSSL 3 whose security level leaves it no signature say "internal
  // error".
  constexpr std::array<std::string_view, 4> kAlerts{"protocol version", "handshake failure",
                                                    "insufficient security", "internal error"};
  // Dovecot ends the connection without an alert. A reset or a time-out is no answer.
  if (conversation.answer == v1::TLS_ANSWER_CLOSED) return conversation.closed_at_hello;
  return conversation.answer == v1::TLS_ANSWER_ALERT &&
         std::find(kAlerts.begin(), kAlerts.end(), conversation.detail) != kAlerts.end();
}

VersionQuestions::VersionQuestions(std::string_view picked_name) {
  if (const std::optional<TlsVersion> version = version_of(picked_name)) {
    picked(*version, kTls13);
  } else {
    settle(kTls13, Known::kUntold);
  }
}

void VersionQuestions::picked(TlsVersion version, TlsVersion highest) {
  for (const TlsVersion newer : kVersions) {
    if (newer > version && newer <= highest) known(newer) = Known::kRefused;
  }
  known(version) = Known::kTaken;
}

void VersionQuestions::settle(TlsVersion highest, Known how) {
  for (const TlsVersion version : kVersions) {
    if (version <= highest && known(version) == Known::kNotAsked) known(version) = how;
  }
}

std::optional<TlsVersion> VersionQuestions::next() const {
  for (const TlsVersion version : kQuestions) {
    if (known(version) == Known::kNotAsked) return version;
  }
  return std::nullopt;
}

void VersionQuestions::take(const TlsConversation& conversation) {
  const std::optional<TlsVersion> highest = next();
  if (!highest) return;
  const std::optional<TlsVersion> version = conversation.answer == v1::TLS_ANSWER_COMPLETED
                                                ? version_of(conversation.version)
                                                : std::nullopt;
  if (version && *version <= *highest) {
    picked(*version, *highest);
  } else if (is_version_refusal(conversation)) {
    settle(*highest, Known::kRefused);
  } else {
    known(*highest) = Known::kUntold;
  }
}

void VersionQuestions::tell(v1::TlsService& service) const {
  for (const TlsVersion version : kVersions) {
    const std::string name(version_name(version));
    if (known(version) == Known::kTaken) service.add_versions(name);
    if (known(version) == Known::kNotAsked || known(version) == Known::kUntold)
      service.add_versions_not_asked(name);
  }
}

}  // namespace muster::tls
