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

bool walk_facts(std::string_view bytes, PackageFactsView& view) {
  using Facts = v1::PackageFacts;
  using Automatic = v1::AutomaticUpdateState;
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
      case Facts::kKernelsFieldNumber:
      case Facts::kThirdPartyRepositoriesFieldNumber:
        if (!walk_over(facts.message())) return false;
        break;
      case Facts::kAutomaticUpdatesFieldNumber:
        if (!walk_over(facts.message(),
                       {Automatic::kLastRunAtFieldNumber, Automatic::kLastSuccessAtFieldNumber})) {
          return false;
        }
        break;
      case Facts::kRepositoryKeysFieldNumber:
        if (!walk_over(facts.message(), {v1::RepositoryKey::kNotAfterFieldNumber})) return false;
        break;
      default:
        break;
    }
  }
  return facts.plain();
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
  if (facts->has_lists_updated_at()) view.lists_updated_at = from_proto(facts->lists_updated_at());
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
