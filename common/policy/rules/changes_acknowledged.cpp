// changes_acknowledged: what the last check of each product found has been looked at: a new
// baseline takes the changes in, a waiver puts up with them for a time.
#include <fmt/format.h>

#include <string>

#include "common/counted.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection.h"
#include "common/policy/rules/protection_age.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

// Whether what it found is in a baseline that was made after it began: one that it wrote itself, as
// aide --update does, is older than its end.
bool is_taken_in(const Product& product) {
  const v1::LastCheck& check = product.last_check();
  const google::protobuf::Timestamp* const time =
      check.has_started_at() ? &check.started_at() : time_of(check);
  return time != nullptr && product.has_baseline_at() &&
         from_proto(product.baseline_at()) > from_proto(*time);
}

Judgement judge_taken_in(const Product& product) {
  return judgement_of(product, Kind::kMet,
                      fmt::format("the baseline of {} takes in what the last check found",
                                  to_iso_date(from_proto(product.baseline_at()))));
}

Judgement judge_found(const Product& product) {
  const v1::LastCheck& check = product.last_check();
  const google::protobuf::Timestamp* const time = time_of(check);
  std::string reason = "its last check";
  if (time != nullptr) reason += fmt::format(" on {}", to_iso_date(from_proto(*time)));
  reason += " found ";
  reason += check.found() > 0 ? counted(check.found(), "change") : "changes";
  if (!check.detail().empty()) reason += fmt::format(" ({})", words_of(check.detail()));
  return judgement_of(product, Kind::kUnmet, reason + ": look at them, then make a new baseline");
}

Judgement judge_product(const Product& product) {
  const v1::LastCheck& check = product.last_check();
  switch (check.result()) {
    case v1::CHECK_RESULT_FOUND:
      return is_taken_in(product) ? judge_taken_in(product) : judge_found(product);
    case v1::CHECK_RESULT_ENDED:
      return is_taken_in(product)
                 ? judge_taken_in(product)
                 : judge_told_elsewhere(product, check, "what its last check found");
    case v1::CHECK_RESULT_CLEAN:
      return judgement_of(product, Kind::kMet, "its last check found no changes");
    case v1::CHECK_RESULT_FAILED:
      return judgement_of(product, Kind::kUnknown, failed_words("its last check", check));
    case v1::CHECK_RESULT_NEVER:
      return judgement_of(product, Kind::kNotApplicable, "it never checked anything yet");
    case v1::CHECK_RESULT_RUNNING:
      return judgement_of(product, Kind::kUnknown, "its first check is under way");
    default:
      break;
  }
  if (product.has_last_check() && !why_unread(product, "last_check")) {
    return judgement_of(product, Kind::kUnknown, "what its last check found is not told");
  }
  return judge_absent(product, {"last_check"}, "what its last check found", "it keeps no checks");
}

}  // namespace

RuleOutput judge_changes_acknowledged(const RuleInput& input) {
  return judge_each_product(input, {kIntrusionDetectionProbe}, judge_product);
}

}  // namespace muster::policy
