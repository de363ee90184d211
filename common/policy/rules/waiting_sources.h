// The updates that wait, by source package: what is judged, remembered and waived as one, since its
// binaries are mended, and installed, together. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/package_facts_view.h"
#include "muster/v1/fleet.pb.h"

namespace muster::policy {

// The source package of an update; the binary's name where its source is not told.
inline std::string_view source_of(const PendingUpdateView& update) {
  return update.source_package.empty() ? update.package : update.source_package;
}

// One source package, with its binaries that wait.
struct WaitingSource {
  std::string_view name;
  // YES or UNSPECIFIED: the worst of its updates. Those of the others are left out.
  v1::Security security = v1::SECURITY_UNSPECIFIED;
  // By name; never empty. They live as long as the view that they are of.
  std::vector<const PendingUpdateView*> updates;

  // Whether an upgrade would install all of it.
  bool would_install() const;
  // How much its advisories say that it matters; nothing: they do not say.
  std::optional<v1::Severity> severity() const;
  // "3.0.15-1 waits: libssl3, openssl (RHSA-2026:1, CVE-2026-1)"; where an upgrade would not
  // install all of it, what is in the way. A binary of the same name alone is not named again.
  std::string in_words() const;
};

// All but those that are not for security, by name.
std::vector<WaitingSource> waiting_sources(const PackageFactsView& facts);

// What makes "nothing waits" mean nothing; empty: it means what it says.
std::string blind_spot(const PackageFactsView& facts);

}  // namespace muster::policy
