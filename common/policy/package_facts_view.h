// What rules look at in the facts of a package manager, as views into their bytes: what a message
// would say, without making one. A rule that needs another field adds it here and to read_facts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::policy {

// As in v1::PendingUpdate.
struct PendingUpdateView {
  std::string_view package;
  std::string_view architecture;
  std::string_view source_package;
  std::string_view candidate_version;
  v1::Security security = v1::SECURITY_UNSPECIFIED;
  bool would_install = false;
  std::string_view not_installed_because;
  v1::AdvisorySeverity severity = v1::ADVISORY_SEVERITY_UNSPECIFIED;
  // The whole update, for who wants more of it; empty where the facts had to be parsed.
  std::string_view bytes;
};

// As in v1::InstalledKernel.
struct InstalledKernelView {
  std::string_view package;
  std::string_view version;
  std::string_view release;
  std::string_view flavour;
  std::string_view build;
  bool operator==(const InstalledKernelView&) const = default;
};

// As in v1::AutomaticUpdateState.
struct AutomaticUpdatesView {
  std::string_view mechanism = {};
  v1::AutomaticUpdates state = v1::AUTOMATIC_UPDATES_UNSPECIFIED;
  std::string_view reason = {};
  std::optional<TimePoint> last_success_at = std::nullopt;
  bool takes_security = false;
  bool operator==(const AutomaticUpdatesView&) const = default;
};

// As in v1::RepositoryKey.
struct RepositoryKeyView {
  std::string_view repository;
  v1::RepositoryKeyState state = v1::REPOSITORY_KEY_STATE_UNSPECIFIED;
  std::string_view fingerprint;
  std::string_view user_id;
  std::optional<TimePoint> not_after;
  std::vector<std::string_view> keyrings;
  std::string_view site;
  uint32_t number = 0;
  std::string_view reason;
  bool operator==(const RepositoryKeyView&) const = default;
};

// As in v1::PackageFacts.
struct PackageFactsView {
  std::vector<PendingUpdateView> pending_updates;
  std::vector<std::string_view> held;
  uint32_t obsolete = 0;
  std::vector<std::string_view> broken;
  std::optional<TimePoint> lists_updated_at;
  bool lists_present = false;
  std::vector<std::string_view> problems;
  std::vector<InstalledKernelView> kernels;
  std::optional<AutomaticUpdatesView> automatic_updates;
  std::vector<RepositoryKeyView> repository_keys;
  std::vector<std::string_view> repositories_without_errata;
  std::vector<std::string_view> excluded;

  // What the views look into where the bytes had to be parsed: its updates in the same order.
  std::unique_ptr<const v1::PackageFacts> parsed;
};

// False: the bytes are not of a v1::PackageFacts. They outlive the view.
bool read_facts(std::string_view bytes, PackageFactsView& view);

}  // namespace muster::policy
