#include "collector/fleet/update_tally.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/policy/rules/waiting_sources.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kLongestName = 256;
constexpr size_t kLongestVersion = 128;
constexpr size_t kLongestCve = 64;

// Of those for security: what no advisory grades may be anything, and comes before what one calls
// medium or low.
int severity_rank(v1::AdvisorySeverity severity) {
  switch (severity) {
    case v1::ADVISORY_SEVERITY_CRITICAL:
      return 0;
    case v1::ADVISORY_SEVERITY_IMPORTANT:
      return 1;
    case v1::ADVISORY_SEVERITY_MODERATE:
      return 3;
    case v1::ADVISORY_SEVERITY_LOW:
      return 4;
    default:
      return 2;
  }
}

}  // namespace

UpdateTally::UpdateTally(TimePoint now, const UpdateTallyLimits& limits)
    : now_(now), limits_(limits) {}

void UpdateTally::add(const Host& host) {
  names_.emplace_back(host.name);
  const WaitingSince since(host.memory, host.controls);
  bool has_source = false;
  bool is_known = true;
  for (const SectionState& section : host.sections) {
    const std::optional<UpdateSource> source = read_update_source(section, now_);
    if (!source) continue;
    has_source = true;
    is_known &= source->not_known_because.empty();
    count_manager(source->manager, source->not_known_because.empty());
    if (!source->is_current) continue;
    for (size_t i = 0; i < source->facts.pending_updates.size(); ++i)
      add_update(*source, i, since);
  }
  if (has_source && is_known) {
    list_.set_hosts_known(list_.hosts_known() + 1);
    return;
  }
  if (list_.hosts_not_known_count() < limits_.hosts_of_one) {
    list_.add_hosts_not_known(std::string(host.name));
  }
  list_.set_hosts_not_known_count(list_.hosts_not_known_count() + 1);
}

void UpdateTally::add_update(const UpdateSource& source, size_t index, const WaitingSince& since) {
  const policy::PendingUpdateView& view = source.facts.pending_updates[index];
  Update* const update = find_or_make(source.manager, policy::source_of(view));
  if (update == nullptr) return;
  count_host(*update, view.would_install);
  if (security_rank(view.security) < security_rank(update->security))
    update->security = view.security;
  update->severity = std::max(update->severity, view.severity);
  add_text(update->packages, view.package, limits_.packages, kLongestName);
  // All hosts that would come to a version are told the same of it.
  if (add_text(update->versions, view.candidate_version, limits_.versions, kLongestVersion)) {
    add_cves(*update, source, index);
  }
  if (since.empty() || view.security == v1::SECURITY_NO) return;
  const std::optional<TimePoint> waits = since.find(update->source_package);
  if (waits) update->waiting_since = std::min(update->waiting_since.value_or(*waits), *waits);
}

void UpdateTally::count_manager(std::string_view manager, bool is_known) {
  std::string name = printable(manager, kLongestName);
  auto entry = managers_.find(name);
  if (entry == managers_.end()) {
    if (managers_.size() >= limits_.managers_told_apart) return;
    entry = managers_.try_emplace(std::move(name)).first;
    entry->second.set_manager(entry->first);
  }
  v1::ManagerHosts& hosts = entry->second;
  if (is_known) {
    hosts.set_hosts_known(hosts.hosts_known() + 1);
  } else {
    hosts.set_hosts_not_known(hosts.hosts_not_known() + 1);
  }
}

// Those of most hosts: what one host makes up displaces none that others have.
void UpdateTally::list_managers() {
  auto& listed = *list_.mutable_managers();
  for (const auto& [name, hosts] : managers_)
    *listed.Add() = hosts;
  std::stable_sort(listed.begin(), listed.end(), [](const auto& a, const auto& b) {
    return a.hosts_known() + a.hosts_not_known() > b.hosts_known() + b.hosts_not_known();
  });
  while (static_cast<size_t>(listed.size()) > limits_.managers)
    listed.RemoveLast();
}

UpdateTally::Update* UpdateTally::find_or_make(std::string_view manager,
                                               std::string_view source_package) {
  key_.assign(manager.substr(0, kLongestName));
  key_ += '\n';
  key_ += source_package.substr(0, kLongestName);
  const auto known = updates_.find(std::string_view(key_));
  if (known != updates_.end()) return &known->second;
  if (updates_.size() >= limits_.told_apart) return nullptr;
  Update& update = updates_[key_];
  update.manager = printable(manager, kLongestName);
  update.source_package = update_subject(source_package, "");
  return &update;
}

void UpdateTally::count_host(Update& update, bool would_install) {
  const auto number = static_cast<uint32_t>(names_.size());
  if (update.counted != number) {
    update.counted = number;
    update.counted_held_back = false;
    ++update.hosts;
    if (update.first_hosts.size() < limits_.hosts_of_one) update.first_hosts.push_back(number - 1);
  }
  if (would_install || update.counted_held_back) return;
  update.counted_held_back = true;
  ++update.hosts_held_back;
}

bool UpdateTally::add_text(Texts& texts, std::string_view text, size_t most, size_t longest) {
  if (text.empty() || texts.size() >= most || texts.find(text) != texts.end()) return false;
  std::string shown = printable(text, longest);
  if (text_bytes_ + shown.size() > limits_.text_bytes) return false;
  text_bytes_ += shown.size();
  return texts.insert(std::move(shown)).second;
}

void UpdateTally::add_cves(Update& update, const UpdateSource& source, size_t index) {
  v1::PendingUpdate parsed;
  const std::string_view bytes = source.facts.pending_updates[index].bytes;
  if (source.facts.parsed != nullptr) {
    parsed = source.facts.parsed->pending_updates(static_cast<int>(index));
  } else if (!parsed.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return;
  }
  for (const v1::Advisory& advisory : parsed.advisories()) {
    for (const std::string& cve : advisory.cves())
      add_text(update.cves, cve, limits_.cves, kLongestCve);
  }
}

std::vector<const UpdateTally::Update*> UpdateTally::in_order() const {
  std::vector<const Update*> updates;
  updates.reserve(updates_.size());
  for (const auto& [key, update] : updates_)
    updates.push_back(&update);
  const auto order = [](const Update* update) {
    const int severity = update->security == v1::SECURITY_YES ? severity_rank(update->severity) : 0;
    return std::tuple(security_rank(update->security), severity,
                      -static_cast<int64_t>(update->hosts), std::string_view(update->manager),
                      std::string_view(update->source_package));
  };
  std::sort(updates.begin(), updates.end(),
            [&order](const Update* a, const Update* b) { return order(a) < order(b); });
  if (updates.size() > limits_.listed) updates.resize(limits_.listed);
  return updates;
}

void UpdateTally::fill(const Update& update, size_t hosts, v1::FleetUpdate& message) const {
  message.set_manager(update.manager);
  message.set_source_package(update.source_package);
  message.mutable_packages()->Assign(update.packages.begin(), update.packages.end());
  message.mutable_candidate_versions()->Assign(update.versions.begin(), update.versions.end());
  message.mutable_cves()->Assign(update.cves.begin(), update.cves.end());
  message.set_security(update.security);
  message.set_severity(update.severity);
  message.set_hosts(update.hosts);
  message.set_hosts_held_back(update.hosts_held_back);
  if (update.waiting_since) *message.mutable_waiting_since() = to_proto(*update.waiting_since);
  for (size_t i = 0; i < hosts; ++i)
    message.add_host_names(names_[update.first_hosts[i]]);
}

v1::UpdateList UpdateTally::take() {
  list_.set_update_count(static_cast<uint32_t>(updates_.size()));
  list_managers();
  size_t hosts_left = limits_.hosts_of_all;
  for (const Update* update : in_order()) {
    const size_t hosts = std::min(hosts_left, update->first_hosts.size());
    hosts_left -= hosts;
    fill(*update, hosts, *list_.add_updates());
  }
  return std::move(list_);
}

}  // namespace muster::collector
