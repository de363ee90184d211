#include "common/policy/package_facts_view.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "common/policy/wire_reader.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

// Of what a probe writes for each update, less than any is.
constexpr size_t kBytesOfUpdate = 64;

// Each says whether its bytes were plain.
bool walk_time(WireReader wire, std::optional<TimePoint>& time) {
  using google::protobuf::Timestamp;
  Timestamp timestamp;
  while (wire.next()) {
    if (wire.field() == Timestamp::kSecondsFieldNumber) {
      timestamp.set_seconds(static_cast<int64_t>(wire.number()));
    } else if (wire.field() == Timestamp::kNanosFieldNumber) {
      timestamp.set_nanos(static_cast<int32_t>(wire.number()));
    }
  }
  // A second one would have to be merged into the first.
  const bool is_plain = wire.plain() && !time;
  time = from_proto(timestamp);
  return is_plain;
}

// Over a message that nobody looks at; these of its fields are times.
bool walk_over(WireReader message, std::initializer_list<uint32_t> times = {}) {
  while (message.next()) {
    const bool is_time = std::find(times.begin(), times.end(), message.field()) != times.end();
    if (is_time && !walk_over(message.message())) return false;
  }
  return message.plain();
}

bool walk_update(WireReader update, PendingUpdateView& view) {
  using Update = v1::PendingUpdate;
  while (update.next()) {
    switch (update.field()) {
      case Update::kPackageFieldNumber:
        view.package = update.text();
        break;
      case Update::kArchitectureFieldNumber:
        view.architecture = update.text();
        break;
      case Update::kSourcePackageFieldNumber:
        view.source_package = update.text();
        break;
      case Update::kCandidateVersionFieldNumber:
        view.candidate_version = update.text();
        break;
      case Update::kOriginsFieldNumber:
        if (!walk_over(update.message())) return false;
        break;
      case Update::kSecurityFieldNumber:
        view.security = static_cast<v1::Security>(update.number());
        break;
      case Update::kWouldInstallFieldNumber:
        view.would_install = update.number() != 0;
        break;
      case Update::kNotInstalledBecauseFieldNumber:
        view.not_installed_because = update.text();
        break;
      case Update::kAdvisoriesFieldNumber:
        if (!walk_over(update.message(), {v1::Advisory::kIssuedAtFieldNumber})) return false;
        break;
      case Update::kSeverityFieldNumber:
        view.severity = static_cast<v1::AdvisorySeverity>(update.number());
        break;
      default:
        break;
    }
  }
  return update.plain();
}

bool walk_kernel(WireReader kernel, InstalledKernelView& view) {
  using Kernel = v1::InstalledKernel;
  while (kernel.next()) {
    switch (kernel.field()) {
      case Kernel::kPackageFieldNumber:
        view.package = kernel.text();
        break;
      case Kernel::kVersionFieldNumber:
        view.version = kernel.text();
        break;
      case Kernel::kReleaseFieldNumber:
        view.release = kernel.text();
        break;
      case Kernel::kFlavourFieldNumber:
        view.flavour = kernel.text();
        break;
      case Kernel::kBuildFieldNumber:
        view.build = kernel.text();
        break;
      default:
        break;
    }
  }
  return kernel.plain();
}

bool walk_automatic_updates(WireReader state, std::optional<AutomaticUpdatesView>& told) {
  using State = v1::AutomaticUpdateState;
  // A second one would have to be merged into the first.
  if (told) return false;
  AutomaticUpdatesView& view = told.emplace();
  while (state.next()) {
    switch (state.field()) {
      case State::kMechanismFieldNumber:
        view.mechanism = state.text();
        break;
      case State::kStateFieldNumber:
        view.state = static_cast<v1::AutomaticUpdates>(state.number());
        break;
      case State::kReasonFieldNumber:
        view.reason = state.text();
        break;
      case State::kLastRunAtFieldNumber:
        if (!walk_over(state.message())) return false;
        break;
      case State::kLastSuccessAtFieldNumber:
        if (!walk_time(state.message(), view.last_success_at)) return false;
        break;
      case State::kTakesSecurityFieldNumber:
        view.takes_security = state.number() != 0;
        break;
      default:
        break;
    }
  }
  return state.plain();
}

bool walk_key(WireReader key, RepositoryKeyView& view) {
  using Key = v1::RepositoryKey;
  while (key.next()) {
    switch (key.field()) {
      case Key::kRepositoryFieldNumber:
        view.repository = key.text();
        break;
      case Key::kStateFieldNumber:
        view.state = static_cast<v1::RepositoryKeyState>(key.number());
        break;
      case Key::kFingerprintFieldNumber:
        view.fingerprint = key.text();
        break;
      case Key::kUserIdFieldNumber:
        view.user_id = key.text();
        break;
      case Key::kNotAfterFieldNumber:
        if (!walk_time(key.message(), view.not_after)) return false;
        break;
      case Key::kKeyringsFieldNumber:
        view.keyrings.push_back(key.text());
        break;
      case Key::kSiteFieldNumber:
        view.site = key.text();
        break;
      case Key::kNumberFieldNumber:
        view.number = static_cast<uint32_t>(key.number());
        break;
      case Key::kReasonFieldNumber:
        view.reason = key.text();
        break;
      default:
        break;
    }
  }
  return key.plain();
}

bool walk_facts(std::string_view bytes, PackageFactsView& view) {
  using Facts = v1::PackageFacts;
  WireReader facts(bytes);
  while (facts.next()) {
    switch (facts.field()) {
      case Facts::kPendingUpdatesFieldNumber:
        if (view.pending_updates.empty()) {
          view.pending_updates.reserve(bytes.size() / kBytesOfUpdate);
        }
        view.pending_updates.emplace_back().bytes = facts.bytes();
        if (!walk_update(facts.message(), view.pending_updates.back())) return false;
        break;
      case Facts::kListsUpdatedAtFieldNumber:
        if (!walk_time(facts.message(), view.lists_updated_at)) return false;
        break;
      case Facts::kListsPresentFieldNumber:
        view.lists_present = facts.number() != 0;
        break;
      case Facts::kProblemsFieldNumber:
        view.problems.push_back(facts.text());
        break;
      case Facts::kHeldFieldNumber:
        view.held.push_back(facts.text());
        break;
      case Facts::kObsoleteFieldNumber:
        view.obsolete = static_cast<uint32_t>(facts.number());
        break;
      case Facts::kBrokenFieldNumber:
        view.broken.push_back(facts.text());
        break;
      case Facts::kKernelsFieldNumber:
        if (!walk_kernel(facts.message(), view.kernels.emplace_back())) return false;
        break;
      case Facts::kAutomaticUpdatesFieldNumber:
        if (!walk_automatic_updates(facts.message(), view.automatic_updates)) return false;
        break;
      case Facts::kThirdPartyRepositoriesFieldNumber:
        if (!walk_over(facts.message())) return false;
        break;
      case Facts::kRepositoryKeysFieldNumber:
        if (!walk_key(facts.message(), view.repository_keys.emplace_back())) return false;
        break;
      case Facts::kRepositoriesWithoutErrataFieldNumber:
        view.repositories_without_errata.push_back(facts.text());
        break;
      case Facts::kExcludedFieldNumber:
        view.excluded.push_back(facts.text());
        break;
      default:
        break;
    }
  }
  return facts.plain();
}

std::optional<TimePoint> time_of(bool is_there, const google::protobuf::Timestamp& time) {
  return is_there ? std::optional(from_proto(time)) : std::nullopt;
}

bool parse_facts(std::string_view bytes, PackageFactsView& view) {
  auto facts = std::make_unique<v1::PackageFacts>();
  if (!facts->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
  for (const v1::PendingUpdate& update : facts->pending_updates()) {
    view.pending_updates.push_back({.package = update.package(),
                                    .architecture = update.architecture(),
                                    .source_package = update.source_package(),
                                    .candidate_version = update.candidate_version(),
                                    .security = update.security(),
                                    .would_install = update.would_install(),
                                    .not_installed_because = update.not_installed_because(),
                                    .severity = update.severity(),
                                    .bytes = {}});
  }
  for (const v1::InstalledKernel& kernel : facts->kernels()) {
    view.kernels.push_back({.package = kernel.package(),
                            .version = kernel.version(),
                            .release = kernel.release(),
                            .flavour = kernel.flavour(),
                            .build = kernel.build()});
  }
  if (facts->has_automatic_updates()) {
    const v1::AutomaticUpdateState& state = facts->automatic_updates();
    view.automatic_updates = {
        .mechanism = state.mechanism(),
        .state = state.state(),
        .reason = state.reason(),
        .last_success_at = time_of(state.has_last_success_at(), state.last_success_at()),
        .takes_security = state.takes_security()};
  }
  for (const v1::RepositoryKey& key : facts->repository_keys()) {
    view.repository_keys.push_back({.repository = key.repository(),
                                    .state = key.state(),
                                    .fingerprint = key.fingerprint(),
                                    .user_id = key.user_id(),
                                    .not_after = time_of(key.has_not_after(), key.not_after()),
                                    .keyrings = {key.keyrings().begin(), key.keyrings().end()},
                                    .site = key.site(),
                                    .number = key.number(),
                                    .reason = key.reason()});
  }
  view.held.assign(facts->held().begin(), facts->held().end());
  view.obsolete = facts->obsolete();
  view.broken.assign(facts->broken().begin(), facts->broken().end());
  view.repositories_without_errata.assign(facts->repositories_without_errata().begin(),
                                          facts->repositories_without_errata().end());
  view.excluded.assign(facts->excluded().begin(), facts->excluded().end());
  view.lists_updated_at = time_of(facts->has_lists_updated_at(), facts->lists_updated_at());
  view.lists_present = facts->lists_present();
  view.problems.assign(facts->problems().begin(), facts->problems().end());
  view.parsed = std::move(facts);
  return true;
}

}  // namespace

bool read_facts(std::string_view bytes, PackageFactsView& view) {
  if (walk_facts(bytes, view)) return true;
  view = {};
  return parse_facts(bytes, view);
}

}  // namespace muster::policy
