#include "tests/simulator/protected_servers.h"

#include <chrono>

#include "common/timestamp.h"

namespace muster::simulator {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr size_t kKinds = 4;
enum Story : size_t { kTrouble, kWell, kNoAntivirus, kUnknown };

Story story_of(size_t host) {
  return static_cast<Story>(host % kKinds);
}

template <typename Facts>
v1::ProtectionProduct& add_product(Facts& facts, const char* product, const char* name,
                                   const char* version, v1::ProtectionMode mode) {
  v1::ProtectionProduct& made = *facts.add_products();
  made.set_product(product);
  made.set_name(name);
  made.set_version(version);
  made.set_mode(mode);
  return made;
}

void set_check(v1::LastCheck& check, v1::CheckResult result, TimePoint ended, uint64_t found) {
  check.set_result(result);
  *check.mutable_ended_at() = to_proto(ended);
  check.set_found(found);
}

// On demand, with signatures that are old in memory and new on disk, and with threats.
void add_troubled_clamav(TimePoint started, v1::AntivirusFacts& facts) {
  v1::ProtectionProduct& clamav =
      add_product(facts, "clamav", "ClamAV", "1.0.7", v1::PROTECTION_MODE_ON_DEMAND);
  clamav.set_running(v1::ANSWER_YES);
  clamav.set_real_time(v1::ANSWER_NO);
  clamav.mutable_loaded_signatures()->set_version("27500");
  *clamav.mutable_loaded_signatures()->mutable_built_at() = to_proto(started - days(9));
  clamav.mutable_disk_signatures()->set_version("27509");
  *clamav.mutable_disk_signatures()->mutable_built_at() = to_proto(started - hours(20));
  *clamav.mutable_disk_signatures()->mutable_written_at() = to_proto(started - hours(12));
  *clamav.mutable_last_update_tried_at() = to_proto(started - hours(1));
  *clamav.mutable_last_update_succeeded_at() = to_proto(started - hours(12));
  clamav.set_checks_scheduled(v1::ANSWER_NO);
  set_check(*clamav.mutable_full_scan(), v1::CHECK_RESULT_FOUND, started - days(40), 2);
  clamav.set_threats_found(2);
  clamav.set_threats_unresolved(2);
  clamav.set_exclusion_count(0);
}

void add_defender(size_t host, TimePoint started, v1::AntivirusFacts& facts) {
  const bool well = story_of(host) == kWell;
  v1::ProtectionProduct& defender =
      add_product(facts, "microsoft-defender", "Microsoft Defender for Endpoint", "101.24112.0001",
                  well ? v1::PROTECTION_MODE_ACTIVE : v1::PROTECTION_MODE_PASSIVE);
  defender.set_engine_version("1.1.24090.13");
  defender.set_running(v1::ANSWER_YES);
  defender.mutable_loaded_signatures()->set_version("1.421.226.0");
  *defender.mutable_loaded_signatures()->mutable_built_at() = to_proto(started - hours(8));
  defender.set_management_connected(well ? v1::ANSWER_YES : v1::ANSWER_NO);
  defender.set_licensed(v1::ANSWER_YES);
  *defender.mutable_licence_ends_at() = to_proto(started + (well ? days(200) : days(10)));
  if (well) {
    defender.set_real_time(v1::ANSWER_YES);
    defender.set_threats_unresolved(0);
    set_check(*defender.mutable_quick_scan(), v1::CHECK_RESULT_CLEAN, started - days(3), 0);
    return;
  }
  v1::UnreadFact& unread = *defender.add_unread();
  unread.set_fact("real_time");
  unread.set_reason("mdatp does not say it in words that are known: \"audit\"");
}

void add_unknown_clamav(v1::AntivirusFacts& facts) {
  v1::ProtectionProduct& clamav =
      add_product(facts, "clamav", "ClamAV", "1.0.7", v1::PROTECTION_MODE_UNSPECIFIED);
  for (const char* fact : {"running", "mode", "loaded_signatures"}) {
    v1::UnreadFact& unread = *clamav.add_unread();
    unread.set_fact(fact);
    unread.set_reason("clamd did not answer within 5 s");
  }
}

}  // namespace

v1::AntivirusFacts antivirus_facts(size_t host, TimePoint started) {
  v1::AntivirusFacts facts;
  switch (story_of(host)) {
    case kTrouble:
      add_troubled_clamav(started, facts);
      add_defender(host, started, facts);
      break;
    case kWell:
      add_defender(host, started, facts);
      break;
    case kNoAntivirus:
      break;
    case kUnknown:
      add_unknown_clamav(facts);
  }
  return facts;
}

v1::IntrusionDetectionFacts intrusion_detection_facts(size_t host, TimePoint started) {
  v1::IntrusionDetectionFacts facts;
  const bool trouble = story_of(host) == kTrouble;
  v1::ProtectionProduct& aide =
      add_product(facts, "aide", "AIDE", "0.18.3", v1::PROTECTION_MODE_ON_DEMAND);
  aide.set_checks_scheduled(v1::ANSWER_YES);
  *aide.mutable_baseline_at() = to_proto(started - (trouble ? days(700) : days(40)));
  set_check(*aide.mutable_last_check(), trouble ? v1::CHECK_RESULT_FOUND : v1::CHECK_RESULT_CLEAN,
            started - hours(7), trouble ? 12 : 0);
  v1::ProtectionProduct& auditd =
      add_product(facts, "auditd", "Linux audit", "", v1::PROTECTION_MODE_ACTIVE);
  auditd.set_running(v1::ANSWER_YES);
  auditd.set_events_lost(trouble ? 341 : 0);
  auditd.set_rule_count(52);
  auditd.set_rule_digest("2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae");
  if (!trouble) return facts;
  v1::ProtectionProduct& wazuh =
      add_product(facts, "wazuh", "Wazuh", "4.9.2", v1::PROTECTION_MODE_OFF);
  wazuh.set_running(v1::ANSWER_NO);
  wazuh.set_management_connected(v1::ANSWER_NO);
  *wazuh.mutable_management_last_contact_at() = to_proto(started - days(3));
  return facts;
}

}  // namespace muster::simulator
