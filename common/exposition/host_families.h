// The families about hosts, by name, in the order in which they are written. docs/metrics.md is
// their contract; a test holds the two together.
#pragma once

#include <array>
#include <cstddef>

#include "common/exposition/family_set.h"

namespace muster::exposition {

// Index of a family in kHostFamilies.
enum HostFamily : size_t {
  kHostInfo,
  kHostLabels,
  kHostMaintenance,
  kHostReporting,
  kHostQuarantined,
  kHostRevoked,
  kHostLastSync,
  kHostClockOffset,
  kHostBoot,
  kHostSeriesCut,
  kControlStatus,
  kControlDeadline,
  kControlUnmetSince,
  kProbeOutcome,
  kProbeLastObserved,
  kProbeDuration,
  kProbeRuns,
  kProbeFailures,
  kProbeConfirmed,
  kAgentStart,
  kAgentCertificateNotAfter,
  kAgentCertificateGeneration,
  kAgentSandbox,
  kAgentOutboxEntries,
  kAgentOutboxBytes,
  kAgentOutboxDropped,
  kAgentOutboxDamaged,
  kAgentOutboxRefused,
  kAgentTargetsRefused,
  kAgentTargetsHeld,
  kAgentTargetLooks,
  kAgentTargetLooksLate,
  kAgentResidentMemory,
  kPackagesInstalled,
  kPackagesPending,
  kPackagesInstallable,
  kPackagesHeld,
  kPackagesObsolete,
  kPackagesThirdParty,
  kPackagesBroken,
  kPackagesExcluded,
  kPackageListsUpdated,
  kRepositoriesWithoutErrata,
  kRepositoryKeys,
  kAutomaticUpdates,
  kAutomaticUpdatesLastSuccess,
  kRebootPending,
  kStaleServices,
  kSupportEnd,
  kCertificates,
  kCertificateFilesUnreadable,
  kCertificateFilesOmitted,
  kCertificateNotBefore,
  kCertificateNotAfter,
  kHostFamilyCount,
};

inline constexpr std::array<Family, kHostFamilyCount> kHostFamilies{{
    {"muster_host_info", MetricType::kInfo, "What this host is, as its agent sees it."},
    {"muster_host_labels_info", MetricType::kInfo,
     "The labels of the host that the policy knows, and who answers for it."},
    {"muster_host_maintenance", MetricType::kGauge,
     "1 while the host is in a maintenance window of the policy."},
    {"muster_host_reporting", MetricType::kGauge,
     "1 if the host reports to the collector, 0 if it has been silent for too long."},
    {"muster_host_quarantined", MetricType::kGauge,
     "1 for a host whose identity is in use twice: its reports are refused."},
    {"muster_host_revoked", MetricType::kGauge,
     "1 for a host that an operator has revoked: its reports are refused."},
    {"muster_host_last_sync_timestamp_seconds", MetricType::kGauge,
     "When the host last reported, by the collector's clock."},
    {"muster_host_clock_offset_seconds", MetricType::kGauge,
     "Clock of the host minus clock of the collector, at the last report."},
    {"muster_host_boot_timestamp_seconds", MetricType::kGauge,
     "When the running kernel was started."},
    {"muster_host_series_cut", MetricType::kGauge,
     "Series of the host that are left out because it has more than one host may have."},
    {"muster_control_status", MetricType::kGauge,
     "1 for how the host stands with a control of the policy: its worst subject."},
    {"muster_control_deadline_timestamp_seconds", MetricType::kGauge,
     "The earliest deadline of what is not met; absent where nothing has one."},
    {"muster_control_unmet_since_timestamp_seconds", MetricType::kGauge,
     "Since when the oldest of what is due or fails has been so; absent where all is met."},
    {"muster_probe_outcome", MetricType::kGauge,
     "1 for how the last look of a probe ended: observed, not_applicable or failed."},
    {"muster_probe_last_observed_timestamp_seconds", MetricType::kGauge,
     "When the facts of a probe were last confirmed; a failed look leaves it as it was."},
    {"muster_probe_duration_seconds", MetricType::kGauge, "How long the last look took."},
    {"muster_probe_runs_total", MetricType::kCounter,
     "Looks that ran the probe since the agent was started."},
    {"muster_probe_failures_total", MetricType::kCounter,
     "Looks that failed since the agent was started."},
    {"muster_probe_confirmed_total", MetricType::kCounter,
     "Looks that needed no run, because nothing that the answer depends on had changed."},
    {"muster_agent_start_timestamp_seconds", MetricType::kGauge, "When the agent was started."},
    {"muster_agent_certificate_not_after_timestamp_seconds", MetricType::kGauge,
     "When the client certificate of the agent ends."},
    {"muster_agent_certificate_generation", MetricType::kGauge,
     "Which of the certificates that the host was given its agent has."},
    {"muster_agent_sandbox", MetricType::kGauge,
     "1 for a part of the sandbox that holds the agent's probes, 0 for one that it lacks."},
    {"muster_agent_outbox_entries", MetricType::kGauge,
     "Versions in the agent's outbox that are not yet acknowledged."},
    {"muster_agent_outbox_bytes", MetricType::kGauge, "Size of the agent's outbox on disk."},
    {"muster_agent_outbox_dropped_total", MetricType::kCounter,
     "Versions dropped because the outbox was full or they were too old."},
    {"muster_agent_outbox_damaged_total", MetricType::kCounter,
     "Damaged parts of the outbox that were put aside."},
    {"muster_agent_outbox_refused_total", MetricType::kCounter,
     "Versions of targets that a collector refused to take from this agent."},
    {"muster_agent_targets_refused_total", MetricType::kCounter,
     "Targets that a collector assigned and the agent's configuration does not allow."},
    {"muster_agent_targets_held", MetricType::kGauge, "Targets that the agent looks at."},
    {"muster_agent_target_looks_total", MetricType::kCounter,
     "Looks at targets since the agent was started."},
    {"muster_agent_target_looks_late_total", MetricType::kCounter,
     "Looks at targets that were due and began late or not at all."},
    {"muster_agent_resident_memory_bytes", MetricType::kGauge, "Resident memory of the agent."},
    {"muster_packages_installed", MetricType::kGauge, "Packages installed."},
    {"muster_packages_pending", MetricType::kGauge,
     "Installed packages for which a newer version is offered, by whether it is for security."},
    {"muster_packages_installable", MetricType::kGauge,
     "Pending updates that an upgrade would install now: not held, phased or kept back."},
    {"muster_packages_held", MetricType::kGauge, "Packages that an operator holds at a version."},
    {"muster_packages_obsolete", MetricType::kGauge,
     "Installed packages that no repository offers any more."},
    {"muster_packages_third_party", MetricType::kGauge,
     "Installed packages that come only from outside the distribution."},
    {"muster_packages_broken", MetricType::kGauge,
     "Packages that are not fully installed or configured."},
    {"muster_packages_excluded", MetricType::kGauge,
     "Packages whose updates the package manager's configuration leaves out."},
    {"muster_package_lists_updated_timestamp_seconds", MetricType::kGauge,
     "When the lists of available packages were last refreshed; absent if never."},
    {"muster_repositories_without_errata", MetricType::kGauge,
     "Repositories that do not tell which of their updates are for security."},
    {"muster_repository_keys", MetricType::kGauge,
     "Keys that repositories are signed with, by how they stand."},
    {"muster_automatic_updates", MetricType::kGauge,
     "1 if security updates install themselves, 0 if not; absent where it could not be told."},
    {"muster_automatic_updates_last_success_timestamp_seconds", MetricType::kGauge,
     "When what installs updates by itself last ended with success; absent if never."},
    {"muster_reboot_pending", MetricType::kGauge,
     "1 if a reboot waits for this reason, 0 if not; absent where it could not be told."},
    {"muster_stale_services", MetricType::kGauge,
     "Units, containers and processes that run files which were replaced or removed."},
    {"muster_support_end_timestamp_seconds", MetricType::kGauge,
     "When a programme of support that the host gets ends."},
    {"muster_certificates", MetricType::kGauge, "Certificates found in files."},
    {"muster_certificate_files_unreadable", MetricType::kGauge,
     "Files and directories with certificates that could not be read."},
    {"muster_certificate_files_omitted", MetricType::kGauge,
     "Files with certificates beyond the limit of the probe."},
    {"muster_certificate_not_before_timestamp_seconds", MetricType::kGauge,
     "When a certificate begins to be valid."},
    {"muster_certificate_not_after_timestamp_seconds", MetricType::kGauge,
     "When a certificate ends."},
}};

// Whether a family is in the part of a host that every report moves; see host_metrics.h.
constexpr bool is_moving(size_t family) {
  switch (family) {
    case kHostLastSync:
    case kHostClockOffset:
    case kHostSeriesCut:
    case kProbeLastObserved:
    case kProbeDuration:
    case kProbeRuns:
    case kProbeFailures:
    case kProbeConfirmed:
    case kAgentOutboxEntries:
    case kAgentOutboxBytes:
    case kAgentOutboxDropped:
    case kAgentOutboxDamaged:
    case kAgentOutboxRefused:
    case kAgentTargetsRefused:
    case kAgentTargetsHeld:
    case kAgentTargetLooks:
    case kAgentTargetLooksLate:
    case kAgentResidentMemory:
      return true;
    default:
      return false;
  }
}

// How the host stands, and what says that something was cut, are never cut themselves. Controls are
// as many as the policy has.
inline constexpr FamilySet kHostFamilySet{.label = "host",
                                          .families = kHostFamilies,
                                          .is_moving = is_moving,
                                          .always_written = kControlUnmetSince + 1};

}  // namespace muster::exposition
