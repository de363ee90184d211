#include "common/policy/package_facts_view.h"

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

bool walk_origin(WireReader origin) {
  while (origin.next()) {
  }
  return origin.plain();
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
      case Update::kCandidateVersionFieldNumber:
        view.candidate_version = update.text();
        break;
      case Update::kOriginsFieldNumber:
        if (!walk_origin(update.message())) return false;
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
      default:
        break;
    }
  }
  return update.plain();
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
        if (!walk_update(facts.message(), view.pending_updates.emplace_back())) return false;
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
                                    .candidate_version = update.candidate_version(),
                                    .security = update.security(),
                                    .would_install = update.would_install(),
                                    .not_installed_because = update.not_installed_because()});
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
