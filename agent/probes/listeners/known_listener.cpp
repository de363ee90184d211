#include "agent/probes/listeners/known_listener.h"

#include <algorithm>

namespace muster::listeners {

using tls::TlsVersion;

bool speaks_tls(v1::TlsAnswer answer) {
  return answer == v1::TLS_ANSWER_COMPLETED || answer == v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED ||
         answer == v1::TLS_ANSWER_ALERT;
}

void KnownVersions::take(TlsVersion highest, std::string_view picked) {
  const auto settle = [this](TlsVersion version, bool is_taken) {
    not_asked.erase(version);
    missed.erase(version);
    is_taken ? void(taken.insert(version)) : void(taken.erase(version));
  };
  const auto* const chosen =
      std::find_if(kVersions.begin(), kVersions.end(),
                   [picked](TlsVersion version) { return tls::version_name(version) == picked; });
  if (chosen == kVersions.end() && !picked.empty()) return;
  if (chosen != kVersions.end() && *chosen > highest) return;
  for (const TlsVersion version : kVersions) {
    if (version > highest) break;
    // Those that it was offered besides, and passed over; older ones it was not to choose.
    if (chosen == kVersions.end() || version > *chosen) settle(version, false);
    if (chosen != kVersions.end() && version == *chosen) settle(version, true);
  }
}

void KnownVersions::take_nothing(TlsVersion highest) {
  // A refusal of 1.1 and older had told of 1.0 as well.
  const bool was_refused = !taken.contains(highest) && !not_asked.contains(highest);
  if (was_refused && highest == TlsVersion::kTls11 && !taken.contains(TlsVersion::kTls10)) {
    forget(TlsVersion::kTls10);
  }
  forget(highest);
}

void KnownVersions::miss_look() {
  for (const TlsVersion version : kVersions) {
    if (!not_asked.contains(version) && ++missed[version] >= kMostMissed) forget(version);
  }
}

void KnownVersions::forget(TlsVersion version) {
  taken.erase(version);
  missed.erase(version);
  not_asked.insert(version);
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

}  // namespace muster::listeners
