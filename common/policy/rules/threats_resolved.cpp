// threats_resolved: nothing that a product found still waits for somebody: by its own count, else
// by what its last scans found. A full scan that found nothing resolves what a quick scan before it
// found, and not the other way round.
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "common/counted.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection.h"
#include "common/policy/rules/protection_age.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

TimePoint end_of(const v1::LastCheck& scan) {
  const google::protobuf::Timestamp* const time = time_of(scan);
  return time == nullptr ? TimePoint::min() : from_proto(*time);
}

bool is_resolved_by(const v1::LastCheck& quick, const v1::LastCheck& full) {
  return full.result() == v1::CHECK_RESULT_CLEAN && end_of(quick) < end_of(full);
}

Judgement judge_found(const Product& product, const v1::LastCheck& scan, std::string_view which) {
  std::string reason = fmt::format("the last {} scan found ", which);
  reason += scan.found() > 0 ? counted(scan.found(), "threat") : "threats";
  if (!scan.detail().empty()) reason += fmt::format(" ({})", words_of(scan.detail()));
  return judgement_of(product, Kind::kUnmet,
                      reason + ", and it does not tell whether that is over");
}

Judgement judge_scans(const Product& product) {
  const v1::LastCheck& full = product.full_scan();
  const v1::LastCheck& quick = product.quick_scan();
  if (full.result() == v1::CHECK_RESULT_FOUND) return judge_found(product, full, "full");
  if (quick.result() == v1::CHECK_RESULT_FOUND && !is_resolved_by(quick, full)) {
    return judge_found(product, quick, "quick");
  }
  if (full.result() == v1::CHECK_RESULT_CLEAN) {
    return judgement_of(product, Kind::kMet, "its last scans found nothing");
  }
  if (full.result() == v1::CHECK_RESULT_ENDED) {
    return judge_told_elsewhere(product, full, "what the last full scan found");
  }
  const bool never = full.result() == v1::CHECK_RESULT_NEVER;
  if (never && !product.has_quick_scan() && !why_unread(product, "quick_scan")) {
    return judgement_of(product, Kind::kNotApplicable,
                        "as far as it tells, nothing was ever scanned");
  }
  if (product.has_full_scan() && !never) {
    return judgement_of(product, Kind::kUnknown,
                        full.result() == v1::CHECK_RESULT_FAILED
                            ? failed_words("the last full scan", full)
                            : "what the last full scan found is not told yet");
  }
  return judge_absent(product, {"full_scan", "quick_scan"}, "what its last scan found",
                      product.has_full_scan() || product.has_quick_scan()
                          ? "on the host it tells of no full scan that could tell of threats"
                          : "on the host it tells nothing of threats: see its console");
}

Judgement judge_product(const Product& product) {
  if (!product.has_threats_unresolved()) {
    const auto why = why_unread(product, "threats_unresolved");
    return why ? judge_absent(product, {"threats_unresolved"}, "the threats that wait", "")
               : judge_scans(product);
  }
  const uint64_t count = product.threats_unresolved();
  if (count == 0) return judgement_of(product, Kind::kMet, "no threat waits for anybody");
  return judgement_of(
      product, Kind::kUnmet,
      fmt::format("{} wait{} for somebody to deal with {}", counted(count, "threat"),
                  count == 1 ? "s" : "", count == 1 ? "it" : "them"));
}

}  // namespace

RuleOutput judge_threats_resolved(const RuleInput& input) {
  return judge_each_product(input, {kAntivirusProbe}, judge_product);
}

}  // namespace muster::policy
