#include "common/exposition/protection_metrics.h"

#include <string_view>

#include "common/exposition/host_families.h"
#include "common/exposition/section_facts.h"

namespace muster::exposition {
namespace {

// Enough to tell two sets of rules apart; all of it is in the API.
constexpr size_t kDigestDigits = 12;

std::string_view mode_name(v1::ProtectionMode mode) {
  switch (mode) {
    case v1::PROTECTION_MODE_ACTIVE:
      return "active";
    case v1::PROTECTION_MODE_PASSIVE:
      return "passive";
    case v1::PROTECTION_MODE_REDUCED:
      return "reduced";
    case v1::PROTECTION_MODE_OFF:
      return "off";
    case v1::PROTECTION_MODE_ON_DEMAND:
      return "on_demand";
    default:
      // Also what a newer agent may call it.
      return "unknown";
  }
}

std::string_view result_name(v1::CheckResult result) {
  switch (result) {
    case v1::CHECK_RESULT_CLEAN:
      return "clean";
    case v1::CHECK_RESULT_FOUND:
      return "found";
    case v1::CHECK_RESULT_FAILED:
      return "failed";
    case v1::CHECK_RESULT_NEVER:
      return "never";
    case v1::CHECK_RESULT_RUNNING:
      return "running";
    case v1::CHECK_RESULT_ENDED:
      return "ended";
    default:
      return "unknown";
  }
}

// The samples of one product.
class ProductSamples {
 public:
  ProductSamples(SampleWriter& writer, std::string_view kind, std::string_view product)
      : writer_(writer), kind_(kind), product_(product) {}

  void add(HostFamily family, double value) {
    writer_.add(family, {{"kind", kind_}, {"product", product_}}, value);
  }
  void add(HostFamily family, Label label, double value) {
    writer_.add(family, {{"kind", kind_}, {"product", product_}, label}, value);
  }
  void add(HostFamily family, Label first, Label second, double value) {
    writer_.add(family, {{"kind", kind_}, {"product", product_}, first, second}, value);
  }
  void add_answer(HostFamily family, v1::Answer answer) {
    if (answer == v1::ANSWER_YES) add(family, 1);
    if (answer == v1::ANSWER_NO) add(family, 0);
  }

  void add_signatures(std::string_view place, const v1::Signatures& signatures) {
    if (signatures.has_built_at()) {
      add(kSignatures, {"place", place}, unix_seconds(signatures.built_at()));
    }
    if (!signatures.version().empty()) {
      add(kSignaturesInfo, {"place", place}, {"version", signatures.version()}, 1);
    }
  }

  void add_check(std::string_view check, const v1::LastCheck& last) {
    if (last.has_ended_at()) {
      add(kProtectionCheckEnd, {"check", check}, unix_seconds(last.ended_at()));
    }
    add(kProtectionCheckResult, {"check", check}, {"result", result_name(last.result())}, 1);
    if (last.has_found()) {
      add(kProtectionCheckFound, {"check", check}, static_cast<double>(last.found()));
    }
  }

 private:
  SampleWriter& writer_;
  const std::string_view kind_;
  const std::string_view product_;
};

void add_state(ProductSamples& samples, const v1::ProtectionProduct& product) {
  samples.add(kProtectionProductInfo, {"version", product.version()},
              {"engine_version", product.engine_version()}, 1);
  samples.add(kProtectionMode, {"mode", mode_name(product.mode())}, 1);
  samples.add_answer(kProtectionRunning, product.running());
  samples.add_answer(kProtectionRealTime, product.real_time());
  samples.add(kProtectionUnread, product.unread_size());
}

void add_signatures(ProductSamples& samples, const v1::ProtectionProduct& product) {
  if (product.has_loaded_signatures()) {
    samples.add_signatures("loaded", product.loaded_signatures());
  }
  if (product.has_disk_signatures()) samples.add_signatures("disk", product.disk_signatures());
  if (product.has_last_update_tried_at()) {
    samples.add(kSignatureUpdateTry, unix_seconds(product.last_update_tried_at()));
  }
  if (product.has_last_update_succeeded_at()) {
    samples.add(kSignatureUpdateSuccess, unix_seconds(product.last_update_succeeded_at()));
  }
}

void add_findings(ProductSamples& samples, const v1::ProtectionProduct& product) {
  if (product.has_full_scan()) samples.add_check("full_scan", product.full_scan());
  if (product.has_quick_scan()) samples.add_check("quick_scan", product.quick_scan());
  if (product.has_last_check()) samples.add_check("integrity", product.last_check());
  if (product.has_threats_found()) {
    samples.add(kThreats, {"state", "found"}, static_cast<double>(product.threats_found()));
  }
  if (product.has_threats_unresolved()) {
    samples.add(kThreats, {"state", "unresolved"},
                static_cast<double>(product.threats_unresolved()));
  }
  if (product.has_exclusion_count()) samples.add(kProtectionExclusions, product.exclusion_count());
  if (product.has_baseline_at()) {
    samples.add(kIntegrityBaseline, unix_seconds(product.baseline_at()));
  }
  if (product.has_events_lost()) {
    samples.add(kProtectionEventsLost, static_cast<double>(product.events_lost()));
  }
  if (product.has_rule_count()) samples.add(kProtectionRules, product.rule_count());
  if (!product.rule_digest().empty()) {
    samples.add(kProtectionRuleSetInfo,
                {"digest", std::string_view(product.rule_digest()).substr(0, kDigestDigits)}, 1);
  }
}

void add_management(ProductSamples& samples, const v1::ProtectionProduct& product) {
  samples.add_answer(kManagementConnected, product.management_connected());
  if (product.has_management_last_contact_at()) {
    samples.add(kManagementLastContact, unix_seconds(product.management_last_contact_at()));
  }
  samples.add_answer(kProtectionLicensed, product.licensed());
  if (product.has_licence_ends_at()) {
    samples.add(kProtectionLicenceEnd, unix_seconds(product.licence_ends_at()));
  }
}

template <typename Facts>
void add_products(SampleWriter& writer, std::string_view kind, const Facts& facts) {
  // "None" is said only where all places were looked at.
  if (!facts.products().empty() || facts.problems().empty()) {
    writer.add(kProtectionProducts, {{"kind", kind}}, facts.products_size());
  }
  for (const v1::ProtectionProduct& product : facts.products()) {
    ProductSamples samples(writer, kind, product.product());
    add_state(samples, product);
    add_signatures(samples, product);
    add_findings(samples, product);
    add_management(samples, product);
  }
}

}  // namespace

void add_antivirus(SampleWriter& writer, const v1::AntivirusFacts& facts) {
  add_products(writer, "antivirus", facts);
}

void add_intrusion_detection(SampleWriter& writer, const v1::IntrusionDetectionFacts& facts) {
  add_products(writer, "intrusion_detection", facts);
}

}  // namespace muster::exposition
