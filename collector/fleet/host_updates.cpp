#include "collector/fleet/host_updates.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "common/policy/status.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kRepositoriesShown = 5;

// How the controls that ask for security updates stand for a subject.
struct SubjectStanding {
  v1::Status status = v1::STATUS_UNSPECIFIED;
  std::optional<google::protobuf::Timestamp> deadline;
};
using SubjectStandings = std::map<std::string, SubjectStanding, std::less<>>;

SubjectStandings standings_of(const HostUpdatesInput& input) {
  SubjectStandings standings;
  for (const v1::Verdict& verdict : input.verdicts) {
    for (const v1::SubjectVerdict& subject : verdict.subjects()) {
      SubjectStanding& standing = standings[subject.subject()];
      standing.status = standing.status == v1::STATUS_UNSPECIFIED
                            ? subject.status()
                            : policy::worse(standing.status, subject.status());
      if (!subject.has_deadline()) continue;
      const bool is_first =
          !standing.deadline || from_proto(subject.deadline()) < from_proto(*standing.deadline);
      if (is_first) standing.deadline = subject.deadline();
    }
  }
  return standings;
}

std::string not_known_because(const UpdateSource& source, const v1::PackageFacts& facts) {
  if (!source.not_known_because.empty() || facts.repositories_without_errata().empty()) {
    return source.not_known_because;
  }
  std::vector<std::string> names;
  for (const std::string& name : facts.repositories_without_errata())
    names.push_back(printable(name));
  return fmt::format("which updates close security holes is not told by {}",
                     join_some(names, kRepositoriesShown));
}

void sort_updates(v1::HostUpdates& updates) {
  const auto order = [](const v1::WaitingUpdate& waiting) {
    const v1::PendingUpdate& update = waiting.update();
    return std::tuple(security_rank(update.security()), std::string_view(waiting.manager()),
                      std::string_view(update.source_package()), std::string_view(update.package()),
                      std::string_view(update.architecture()));
  };
  std::sort(updates.mutable_updates()->begin(), updates.mutable_updates()->end(),
            [&order](const auto& a, const auto& b) { return order(a) < order(b); });
}

}  // namespace

v1::HostUpdates make_host_updates(const HostUpdatesInput& input) {
  std::span<const policy::Control> controls;
  if (input.policy != nullptr) controls = input.policy->controls;
  const WaitingSince memory(input.memory, controls);
  const SubjectStandings standings = standings_of(input);
  v1::HostUpdates updates;
  updates.set_host(input.name);
  for (const SectionState& section : input.sections) {
    const std::optional<UpdateSource> source = read_update_source(section, input.now);
    if (!source) continue;
    v1::PackageFacts facts;
    // What it could not make sense of, the source's reason tells.
    if (section.facts_type == facts.GetTypeName() && !facts.ParseFromString(section.facts)) {
      facts.Clear();
    }
    v1::HostUpdateSource& shown = *updates.add_sources();
    shown.set_manager(std::string(source->manager));
    if (section.has_facts()) *shown.mutable_observed_at() = to_proto(section.observed_at);
    if (facts.has_lists_updated_at()) *shown.mutable_lists_updated_at() = facts.lists_updated_at();
    shown.set_not_known_because(not_known_because(*source, facts));
    for (v1::PendingUpdate& update : *facts.mutable_pending_updates()) {
      v1::WaitingUpdate& waiting = *updates.add_updates();
      waiting.set_manager(shown.manager());
      waiting.mutable_update()->Swap(&update);
      if (waiting.update().security() == v1::SECURITY_NO) continue;
      const std::string subject =
          update_subject(waiting.update().source_package(), waiting.update().package());
      if (const std::optional<TimePoint> since = memory.find(subject)) {
        *waiting.mutable_waiting_since() = to_proto(*since);
      }
      const auto standing = standings.find(subject);
      if (standing == standings.end()) continue;
      waiting.set_status(standing->second.status);
      if (standing->second.deadline) *waiting.mutable_deadline() = *standing->second.deadline;
    }
  }
  sort_updates(updates);
  return updates;
}

}  // namespace muster::collector
