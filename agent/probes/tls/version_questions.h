// Which versions of TLS a server takes, by as few connections as tell it: each offers nothing newer
// than some version, and the server picks or refuses. Pure; one thread.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "agent/probes/tls/tls_conversation.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::tls {

// Whether the server looked at the versions that were offered and wanted none: an alert about that,
// or an orderly end in place of any answer. A reset may be anybody's, and any reason's.
bool is_version_refusal(const TlsConversation& conversation);

class VersionQuestions {
 public:
  // What the server picked where everything was offered; empty or another name than those of
  // version_name: nothing is known, and nothing will be asked.
  explicit VersionQuestions(std::string_view picked);

  // Nothing newer is to be offered than this, in the next connection; unset if there is none.
  std::optional<TlsVersion> next() const;
  // How that ended. What says nothing (it came to no connection, was closed or too slow) leaves
  // what it was to tell as not asked.
  void take(const TlsConversation& conversation);

  // The versions known, and those not asked.
  void tell(v1::TlsService& service) const;

 private:
  enum class Known { kNotAsked, kTaken, kRefused, kUntold };
  Known& known(TlsVersion version) { return known_.at(static_cast<size_t>(version)); }
  Known known(TlsVersion version) const { return known_.at(static_cast<size_t>(version)); }
  // The server picked `version` where nothing newer than `highest` was offered.
  void picked(TlsVersion version, TlsVersion highest);
  void settle(TlsVersion highest, Known known);

  std::array<Known, 4> known_{};
};

}  // namespace muster::tls
