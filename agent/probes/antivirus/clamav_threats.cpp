#include "agent/probes/antivirus/clamav_threats.h"

#include <algorithm>
#include <utility>

#include "agent/probes/protection/product_facts.h"
#include "agent/probes/root_files.h"

namespace muster::antivirus {

uint64_t unnamed_in(const ScanLog& log, bool repeats) {
  return repeats ? log.unnamed : std::max(log.unnamed, log.earlier_unnamed);
}

void ClamavThreats::add(const ScanLog& log, bool has_looked, bool repeats) {
  is_known_ = is_known_ || has_looked || !log.infected.empty() || log.unnamed > 0;
  const uint64_t unnamed = unnamed_in(log, repeats);
  found_ += unnamed;
  there_ += unnamed;
  for (const std::string& name : log.infected) {
    found_ += names_.contains(name) ? 0 : 1;
    there_ += count_name(name, true);
  }
  // Of what is over only the last scan's is told.
  for (const std::string& name : log.earlier) {
    const uint64_t there = count_name(name, !repeats);
    found_ += there;
    there_ += there;
  }
}

void ClamavThreats::miss(std::string reason) {
  if (missing_.empty()) missing_ = std::move(reason);
}

void ClamavThreats::tell(v1::ProtectionProduct& product) const {
  if (!missing_.empty() && there_ == 0) {
    return protection::add_unread(product, "threats_unresolved", missing_);
  }
  if (!missing_.empty()) {
    protection::add_complaint(product, "more threats may wait than are told: " + missing_);
  }
  if (!is_known_) return;
  product.set_threats_found(found_);
  product.set_threats_unresolved(there_);
}

uint64_t ClamavThreats::count_name(const std::string& name, bool counts_unseen) {
  if (names_.contains(name)) return 0;
  const bool is_looked_up = names_.size() < kMostInfected;
  if (is_looked_up) names_.insert(name);
  const std::optional<bool> gone = is_looked_up ? is_gone_from(name) : std::nullopt;
  return gone.value_or(!counts_unseen) ? 0 : 1;
}

// In an image nobody mounts what he likes.
std::optional<bool> ClamavThreats::is_gone_from(const std::string& name) const {
  if (look_.root.empty()) return is_gone(mounts_, name);
  const absl::Status status = probe::status_in_root(look_.root, name).status();
  if (!status.ok() && !absl::IsNotFound(status)) return std::nullopt;
  return absl::IsNotFound(status);
}

}  // namespace muster::antivirus
