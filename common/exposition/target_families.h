// The families about targets, by name, in the order in which they are written. docs/metrics.md is
// their contract; a test holds the two together.
#pragma once

#include <array>
#include <cstddef>

#include "common/exposition/family_set.h"

namespace muster::exposition {

// Index of a family in kTargetFamilies.
enum TargetFamily : size_t {
  kTargetInfo,
  kTargetLabels,
  kTargetMaintenance,
  kTargetObserved,
  kTargetLastLook,
  kTargetHolder,
  kTargetControlStatus,
  kTargetControlDeadline,
  kTargetTcpConnected,
  kTargetTcpConnectDuration,
  kTargetTlsAnswer,
  kTargetChainTrust,
  kTargetRevocation,
  kTargetTlsVersion,
  kTargetTlsConnectDuration,
  kTargetTlsHandshakeDuration,
  kTargetCertificateServed,
  kTargetCertificateInfo,
  kTargetCertificateNotBefore,
  kTargetCertificateNotAfter,
  kTargetDomainInfo,
  kTargetDomainLookup,
  kTargetDomainAnswered,
  kTargetDomainExpiry,
  kTargetDomainStatus,
  kTargetZoneServerAnswer,
  kTargetZoneSerial,
  kTargetZoneDnssec,
  kTargetZoneSignaturesExpiry,
  kTargetZoneRecord,
  kTargetZoneSpfLookups,
  kTargetLookalikes,
  kTargetLookalikesTried,
  kTargetLookalikesUnanswered,
  kTargetLookalikesNewest,
  kTargetFamilyCount,
};

inline constexpr std::array<Family, kTargetFamilyCount> kTargetFamilies{{
    {"muster_target_info", MetricType::kInfo, "What kind of target it is, and where it is."},
    {"muster_target_labels_info", MetricType::kInfo,
     "The labels of the target that the policy knows, and who answers for it."},
    {"muster_target_maintenance", MetricType::kGauge,
     "1 while the target is in a maintenance window of the policy."},
    {"muster_target_observed", MetricType::kGauge,
     "1 while looks at the target are made, 0 if none came for too long or the last could not be "
     "made."},
    {"muster_target_last_look_timestamp_seconds", MetricType::kGauge,
     "When somebody last looked at the target, with success or without; absent if never."},
    {"muster_target_holder", MetricType::kGauge,
     "1 for the host whose agent looks at the target; absent where none does."},
    {"muster_target_control_status", MetricType::kGauge,
     "1 for how the target stands with a control of the policy: its worst subject."},
    {"muster_target_control_deadline_timestamp_seconds", MetricType::kGauge,
     "The earliest deadline of what is not met; absent where nothing has one."},
    {"muster_target_tcp_connected", MetricType::kGauge,
     "1 if the last look made a connection, 0 if it was refused, timed out or had nowhere to go."},
    {"muster_target_tcp_connect_duration_seconds", MetricType::kGauge,
     "How long the last look took to connect; absent where none was made."},
    {"muster_target_tls_answer", MetricType::kGauge,
     "1 for what an address of the target said when it was asked for a name."},
    {"muster_target_tls_chain_trust", MetricType::kGauge,
     "1 for where the chain leads that an address of the target serves."},
    {"muster_target_tls_revocation", MetricType::kGauge,
     "1 for what is known of the revocation of the certificate that is served."},
    {"muster_target_tls_version", MetricType::kGauge,
     "1 for each version of TLS that an address of the target takes."},
    {"muster_target_tls_connect_duration_seconds", MetricType::kGauge,
     "How long the last look took to connect to an address of the target."},
    {"muster_target_tls_handshake_duration_seconds", MetricType::kGauge,
     "How long the last look took from the first byte of TLS to the end of the handshake."},
    {"muster_target_certificate_served", MetricType::kGauge,
     "1 for each certificate that an address of the target serves, and for which name."},
    {"muster_target_certificate_info", MetricType::kInfo,
     "What a certificate that a target serves says of itself."},
    {"muster_target_certificate_not_before_timestamp_seconds", MetricType::kGauge,
     "When a certificate that a target serves begins to be valid."},
    {"muster_target_certificate_not_after_timestamp_seconds", MetricType::kGauge,
     "When a certificate that a target serves ends."},
    {"muster_target_domain_info", MetricType::kInfo,
     "What the registry of a domain last said of it, and who said so."},
    {"muster_target_domain_lookup", MetricType::kGauge,
     "1 for how the last look-up of a domain ended."},
    {"muster_target_domain_answered_timestamp_seconds", MetricType::kGauge,
     "When the registry of a domain last answered; absent if never."},
    {"muster_target_domain_expiry_timestamp_seconds", MetricType::kGauge,
     "When the registration of a domain ends; absent where nobody said."},
    {"muster_target_domain_status", MetricType::kGauge,
     "1 for each status that the registry gives a domain."},
    {"muster_target_zone_server_answer", MetricType::kGauge,
     "1 for how a name server answered for the zone."},
    {"muster_target_zone_serial", MetricType::kGauge,
     "The serial number of the zone that a name server has."},
    {"muster_target_zone_dnssec", MetricType::kGauge,
     "1 for whether the zone is signed, and its signatures lead to the zone above."},
    {"muster_target_zone_signatures_expiry_timestamp_seconds", MetricType::kGauge,
     "When the first of the zone's signatures ends; absent where there are none."},
    {"muster_target_zone_record", MetricType::kGauge,
     "1 for how far a record that a zone may have is there."},
    {"muster_target_zone_spf_lookups", MetricType::kGauge,
     "Look-ups that evaluating the zone's SPF record takes; absent where there is none."},
    {"muster_target_lookalikes", MetricType::kGauge,
     "Registered names that could be taken for the domain."},
    {"muster_target_lookalikes_tried", MetricType::kGauge,
     "Names that the last look for look-alikes asked about."},
    {"muster_target_lookalikes_unanswered", MetricType::kGauge,
     "Of these, names for which no answer came."},
    {"muster_target_lookalikes_newest_timestamp_seconds", MetricType::kGauge,
     "When the newest look-alike was registered that can take mail and is not the house's own."},
}};

constexpr bool is_moving_of_target(size_t family) {
  return family == kTargetLastLook || family == kTargetTcpConnectDuration ||
         family == kTargetTlsConnectDuration || family == kTargetTlsHandshakeDuration ||
         family == kTargetDomainAnswered;
}

// All of them are few.
inline constexpr FamilySet kTargetFamilySet{.label = "target",
                                            .families = kTargetFamilies,
                                            .is_moving = is_moving_of_target,
                                            .always_written = kTargetFamilyCount};

}  // namespace muster::exposition
