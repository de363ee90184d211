#include "collector/policy_answers/preview_answer.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/policy/policy_file.h"
#include "common/policy/status.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

using Files = google::protobuf::RepeatedPtrField<v1::PolicyFile>;
using PolicyPointer = std::shared_ptr<const policy::Policy>;

constexpr int kMostHosts = 1000;
constexpr int kMostSelectors = 1000;

// Of no files: `otherwise`.
absl::StatusOr<PolicyPointer> policy_of(const Files& files, PolicyPointer otherwise) {
  if (files.empty()) return otherwise;
  std::vector<policy::PolicyText> texts;
  for (const v1::PolicyFile& file : files)
    texts.push_back({.name = file.name(), .text = file.text()});
  absl::StatusOr<policy::Policy> policy = policy::parse_policy(texts);
  if (!policy.ok()) return policy.status();
  return std::make_shared<const policy::Policy>(*std::move(policy));
}

// The worst first; of alike ones, what most hosts meet.
bool comes_before(const v1::PolicyChange& a, const v1::PolicyChange& b) {
  if (a.after() != b.after()) return policy::worse(a.after(), b.after()) == a.after();
  if (a.host_count() != b.host_count()) return a.host_count() > b.host_count();
  return std::pair(a.control(), a.before()) < std::pair(b.control(), b.before());
}

void add_changes(const PolicyPreview& preview, v1::PolicyPreview& answer) {
  std::map<PolicyPreview::Kind, v1::PolicyChange> changes;
  for (const auto& [kind, count] : preview.counts) {
    v1::PolicyChange& change = changes[kind];
    change.set_control(std::get<0>(kind));
    change.set_before(std::get<1>(kind));
    change.set_after(std::get<2>(kind));
    change.set_host_count(static_cast<uint32_t>(count));
  }
  for (const PolicyPreview::Change& noted : preview.changes) {
    v1::PolicyChange& change = changes[{noted.control, noted.before, noted.after}];
    if (change.hosts_size() >= kMostHosts) continue;
    v1::ChangedHost& host = *change.add_hosts();
    host.set_host(noted.host);
    host.set_summary(noted.summary);
  }
  for (auto& [kind, change] : changes)
    *answer.add_changes() = std::move(change);
  std::sort(answer.mutable_changes()->begin(), answer.mutable_changes()->end(), comes_before);
}

}  // namespace

absl::StatusOr<v1::PolicyPreview> preview_policy(const Fleet& fleet,
                                                 const v1::PolicyPreviewRequest& request,
                                                 TimePoint now, const Fleet* targets) {
  const absl::StatusOr<PolicyPointer> policy = policy_of(request.files(), fleet.policy());
  if (!policy.ok()) return policy.status();
  const absl::StatusOr<PolicyPointer> other = policy_of(request.compare_with(), nullptr);
  if (!other.ok()) return other.status();
  std::optional<TimePoint> at;
  if (request.has_at()) at = from_proto(request.at());

  v1::PolicyPreview answer;
  answer.set_policy_sha256((*policy)->sha256);
  *answer.mutable_at() = to_proto(std::max(now, at.value_or(now)));
  answer.set_hosts(static_cast<uint32_t>(fleet.counts().hosts));
  if (!request.selectors_only()) {
    PolicyPreview preview = fleet.preview(**policy, at, other->get());
    if (targets != nullptr) {
      preview = join_previews(std::move(preview), targets->preview(**policy, at, other->get()));
    }
    add_changes(preview, answer);
  }
  for (policy::EmptySelector& selector : fleet.selectors_without_hosts(**policy, targets)) {
    if (answer.selectors_without_hosts_size() >= kMostSelectors) break;
    v1::EmptySelection& empty = *answer.add_selectors_without_hosts();
    empty.set_place(std::move(selector.place.text));
    empty.set_of(std::move(selector.of));
  }
  return answer;
}

}  // namespace muster::collector
