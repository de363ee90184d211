// Facts of the probes antivirus and intrusion-detection, for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "muster/v1/protection_facts.pb.h"
#include "tests/common/policy/judging.h"

namespace muster::testing {

inline constexpr std::string_view kAntivirus = "antivirus";
inline constexpr std::string_view kIntrusion = "intrusion-detection";

inline v1::ProtectionProduct product(std::string id, std::string name) {
  v1::ProtectionProduct product;
  product.set_product(std::move(id));
  product.set_name(std::move(name));
  return product;
}

// A daemon that protects, whose signatures are 12 hours old and which scanned two days ago.
inline v1::ProtectionProduct clamav() {
  v1::ProtectionProduct clamav = product("clamav", "ClamAV");
  clamav.set_version("1.0.7");
  clamav.set_running(v1::ANSWER_YES);
  clamav.set_real_time(v1::ANSWER_YES);
  clamav.set_mode(v1::PROTECTION_MODE_ACTIVE);
  for (v1::Signatures* const signatures :
       {clamav.mutable_loaded_signatures(), clamav.mutable_disk_signatures()}) {
    signatures->set_version("27500");
    *signatures->mutable_built_at() = to_proto(kNow - hours(12));
  }
  clamav.mutable_full_scan()->set_result(v1::CHECK_RESULT_CLEAN);
  *clamav.mutable_full_scan()->mutable_ended_at() = to_proto(kNow - days(2));
  clamav.set_exclusion_count(0);
  return clamav;
}

// Managed and licensed; it has no scans.
inline v1::ProtectionProduct defender() {
  v1::ProtectionProduct defender = product("microsoft-defender", "Defender");
  defender.set_running(v1::ANSWER_YES);
  defender.set_real_time(v1::ANSWER_YES);
  defender.set_mode(v1::PROTECTION_MODE_ACTIVE);
  return defender;
}

// A scanner of files, run by a timer, which found nothing six hours ago.
inline v1::ProtectionProduct aide() {
  v1::ProtectionProduct aide = product("aide", "AIDE");
  aide.set_mode(v1::PROTECTION_MODE_ON_DEMAND);
  aide.set_checks_scheduled(v1::ANSWER_YES);
  *aide.mutable_baseline_at() = to_proto(kNow - days(100));
  aide.mutable_last_check()->set_result(v1::CHECK_RESULT_CLEAN);
  *aide.mutable_last_check()->mutable_ended_at() = to_proto(kNow - hours(6));
  return aide;
}

inline v1::ProtectionProduct auditd() {
  v1::ProtectionProduct auditd = product("auditd", "auditd");
  auditd.set_running(v1::ANSWER_YES);
  auditd.set_mode(v1::PROTECTION_MODE_ACTIVE);
  auditd.set_events_lost(0);
  return auditd;
}

inline void unread(v1::ProtectionProduct& product, std::string fact,
                   std::string reason = "nobody was asked") {
  v1::UnreadFact& unread = *product.add_unread();
  unread.set_fact(std::move(fact));
  unread.set_reason(std::move(reason));
}

template <typename Facts>
SectionState products_of(std::string_view probe, const std::vector<v1::ProtectionProduct>& products,
                         std::string_view problem) {
  Facts facts;
  for (const v1::ProtectionProduct& product : products)
    *facts.add_products() = product;
  if (!problem.empty()) facts.add_problems(std::string(problem));
  return observed(std::string(probe), facts);
}

inline SectionState antivirus(const std::vector<v1::ProtectionProduct>& products,
                              std::string_view problem = "") {
  return products_of<v1::AntivirusFacts>(kAntivirus, products, problem);
}

inline SectionState intrusion(const std::vector<v1::ProtectionProduct>& products,
                              std::string_view problem = "") {
  return products_of<v1::IntrusionDetectionFacts>(kIntrusion, products, problem);
}

// The lines of one rule over one section.
inline std::vector<std::string> judged(const policy::Control& control,
                                       const SectionState& section) {
  return lines(judge(control, {section}));
}

}  // namespace muster::testing
