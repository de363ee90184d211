// Whether a host is taken for itself, what it is called, and that it goes.
#include <algorithm>
#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/fleet/fleet_host.h"

namespace muster::collector {

Admission Fleet::admit(std::string_view host_id, uint64_t generation) {
  Admission admission = Admission::kTaken;
  with_host(host_id, [&admission, generation](Host& host) {
    admission = judge_report(host.record.identity, generation, host.newest_seen);
    if (admission == Admission::kTaken) host.newest_seen = std::max(host.newest_seen, generation);
  });
  return admission;
}

std::optional<IdentityRecord> Fleet::identity_of(std::string_view host_id) const {
  std::optional<IdentityRecord> identity;
  with_host(host_id, [&identity](const Host& host) { identity = host.record.identity; });
  return identity;
}

std::optional<KnownHost> Fleet::known_as(std::string_view host_id) const {
  std::optional<KnownHost> known;
  with_host(host_id, [&known](const Host& host) {
    known = {.name = host.record.name, .machine_id_hash = host.record.machine_id_hash};
  });
  return known;
}

bool Fleet::should_renew(std::string_view host_id, uint64_t generation,
                         std::string_view ca_sha256) const {
  bool should = false;
  with_host(host_id, [&should, generation, ca_sha256](const Host& host) {
    const IdentityRecord& identity = host.record.identity;
    should = generation < identity.generation || identity.ca_sha256 != ca_sha256;
  });
  return should;
}

uint64_t Fleet::newest_seen(std::string_view host_id) const {
  uint64_t newest = 0;
  with_host(host_id, [&newest](const Host& host) { newest = host.newest_seen; });
  return newest;
}

void Fleet::set_identity(std::string_view host_id, IdentityRecord identity) {
  with_host(host_id, [this, &identity](Host& host) {
    count_standing(host, -1);
    if (host.record.identity.standing != identity.standing) {
      host.rendered.settled.reset();
      // It may be one that looks at targets.
      ++scope_changes_;
    }
    host.record.identity = std::move(identity);
    count_standing(host, 1);
  });
}

void Fleet::rename_host(std::string_view host_id, const std::string& name) {
  std::string before;
  size_t slot = 0;
  const bool found = with_host(host_id, [this, &before, &slot, &name](Host& host) {
    before = std::exchange(host.record.name, name);
    slot = host.slot;
    host.rendered = {};
    host.sections.rename(host.entity());
    relabel(host);
    host.traits_changed = true;
    judge_relabelled(host);
  });
  if (!found) return;
  const std::lock_guard guard(names_mutex_);
  const auto named = names_.find(before);
  // Another one may have it by now.
  if (named != names_.end() && named->second.id == host_id) names_.erase(named);
  names_[name] = {.id = std::string(host_id), .slot = slot};
}

void Fleet::remove_host(std::string_view host_id) {
  std::string name;
  size_t slot = 0;
  {
    Shard& shard = shard_of(host_id);
    const std::lock_guard guard(shard.mutex);
    const auto entry = shard.hosts.find(host_id);
    if (entry == shard.hosts.end()) return;
    Host& host = entry->second;
    name = host.record.name;
    slot = host.slot;
    forget_counts(host);
    std::erase(shard.dirty_times, host.record.id);
    shard.hosts.erase(entry);
  }
  const std::lock_guard guard(names_mutex_);
  free_slots_.push_back(slot);
  const auto named = names_.find(name);
  if (named != names_.end() && named->second.id == host_id) names_.erase(named);
}

size_t Fleet::take_slot() {
  const std::lock_guard guard(names_mutex_);
  if (free_slots_.empty()) return next_slot_++;
  const size_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

void Fleet::count_standing(const Host& host, int number) {
  // A negative one wraps around, as it must.
  const auto change = static_cast<size_t>(number);
  if (host.record.identity.standing == Standing::kQuarantined) quarantined_count_ += change;
  if (host.record.identity.standing == Standing::kRevoked) {
    revoked_count_ += change;
    return;
  }
  const std::lock_guard guard(trust_mutex_);
  const auto trusting = trusting_.try_emplace(host.trust_bundle_sha256).first;
  trusting->second += change;
  if (trusting->second == 0) trusting_.erase(trusting);
}

size_t Fleet::hosts_trusting(std::string_view bundle_sha256) const {
  const std::lock_guard guard(trust_mutex_);
  const auto trusting = trusting_.find(bundle_sha256);
  return trusting == trusting_.end() ? 0 : trusting->second;
}

void Fleet::forget_counts(Host& host) {
  count_standing(host, -1);
  if (host.reporting) --reporting_count_;
  if (host.listed) --listed_count_;
  forget_compliance(host);
  set_due(host, TimePoint::max());
}

}  // namespace muster::collector
