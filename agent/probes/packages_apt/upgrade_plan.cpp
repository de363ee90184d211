#include "agent/probes/packages_apt/upgrade_plan.h"

#include <absl/status/status.h>
#include <apt-pkg/algorithms.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/pkgrecords.h>
#include <apt-pkg/upgrade.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "agent/probes/packages_apt/apt_errors.h"

namespace muster::packages_apt {
namespace {

// What apt-get does before and for dist-upgrade. The error says why it would stop.
absl::Status plan_upgrade(pkgDepCache& plan) {
  const auto stopped = [] {
    return absl::FailedPreconditionError(in_one_line(take_apt_messages().errors));
  };
  if (!pkgApplyStatus(plan)) return stopped();
  if (plan.BrokenCount() != 0) {
    if (!_config->FindB("APT::Get::Fix-Broken", false)) {
      return absl::FailedPreconditionError(
          "installed packages have unmet dependencies; run apt-get --fix-broken install");
    }
    if (!pkgFixBroken(plan) || plan.BrokenCount() != 0 || !pkgMinimizeUpgrade(plan)) {
      return stopped();
    }
  }
  if (!APT::Upgrade::Upgrade(plan, APT::Upgrade::ALLOW_EVERYTHING, nullptr) ||
      plan.BrokenCount() != 0) {
    return stopped();
  }
  return absl::OkStatus();
}

PlannedAction planned_action(pkgDepCache& plan, const pkgCache::PkgIterator& package) {
  if (plan[package].Delete()) return PlannedAction::kRemove;
  return plan[package].Install() ? PlannedAction::kInstall : PlannedAction::kKeep;
}

// Reads the phasing of updates that are kept back: the cache knows it, but does not tell others
// than apt. In the order of the lists, since a packed list is only read forwards cheaply.
class PhasingReader {
 public:
  void add(const pkgCache::VerIterator& candidate, AptUpdate& update) {
    for (pkgCache::VerFileIterator entry = candidate.FileList(); !entry.end(); ++entry) {
      if (entry.File().Flagged(pkgCache::Flag::NotSource)) continue;
      wanted_.push_back({entry, &update});
    }
  }

  void read(pkgCache& cache) {
    if (wanted_.empty()) return;
    std::sort(wanted_.begin(), wanted_.end(), [](const Wanted& a, const Wanted& b) {
      return std::pair(a.entry.File()->ID, a.entry->Offset) <
             std::pair(b.entry.File()->ID, b.entry->Offset);
    });
    pkgRecords records(cache);
    for (const Wanted& wanted : wanted_) {
      const std::string field =
          records.Lookup(wanted.entry).RecordField("Phased-Update-Percentage");
      unsigned percentage = 100;
      const char* end = field.data() + field.size();
      if (std::from_chars(field.data(), end, percentage).ptr != end) continue;
      wanted.update->phased_percentage = std::min(wanted.update->phased_percentage, percentage);
    }
  }

 private:
  struct Wanted {
    pkgCache::VerFileIterator entry;
    AptUpdate* update;
  };
  std::vector<Wanted> wanted_;
};

}  // namespace

void fill_plan(pkgDepCache& plan, const std::vector<Pending>& pending, AptSnapshot& snapshot) {
  if (absl::Status status = plan_upgrade(plan); !status.ok()) {
    snapshot.upgrade_error = std::string(status.message());
    if (snapshot.upgrade_error.empty()) snapshot.upgrade_error = "no solution was found";
    return;
  }
  PhasingReader phasing;
  for (const auto& [package, candidate, index] : pending) {
    AptUpdate& update = *snapshot.packages[index].update;
    update.action = planned_action(plan, package);
    if (update.action == PlannedAction::kKeep && !snapshot.packages[index].held) {
      phasing.add(candidate, update);
    }
  }
  phasing.read(plan.GetCache());
}

bool is_free_of_conflicts(pkgDepCache& plan, const AptSnapshot& snapshot) {
  if (!snapshot.upgrade_error.empty() || plan.DelCount() != 0) return false;
  return std::all_of(snapshot.packages.begin(), snapshot.packages.end(), [](const AptPackage& one) {
    return !one.update || one.held || one.update->action == PlannedAction::kInstall ||
           one.update->phased_percentage < 100 || !one.update->unmet_dependency.empty();
  });
}

}  // namespace muster::packages_apt
