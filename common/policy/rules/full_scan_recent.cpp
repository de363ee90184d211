// full_scan_recent: each product has looked at all files not longer ago than scan_max_age, and came
// to an end. What it could not look at is said.
#include <fmt/format.h>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection.h"
#include "common/policy/rules/protection_age.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

Judgement judge_product(const Product& product, const RuleInput& input) {
  const v1::LastCheck& scan = product.full_scan();
  switch (scan.result()) {
    case v1::CHECK_RESULT_NEVER:
      return judgement_of(product, Kind::kUnmet, "there never was a full scan");
    case v1::CHECK_RESULT_FAILED:
      return judgement_of(product, Kind::kUnmet, failed_words("the last full scan", scan));
    case v1::CHECK_RESULT_RUNNING:
      return judgement_of(product, Kind::kUnmet,
                          "a full scan is under way, and none before it is known");
    default:
      break;
  }
  const google::protobuf::Timestamp* const time = time_of(scan);
  if (time == nullptr) {
    if (!product.has_full_scan()) {
      return judge_absent(product, {"full_scan"}, "its last full scan",
                          "on the host it tells nothing of full scans: see its console");
    }
    return judgement_of(product, Kind::kUnknown, "it does not tell when the last full scan was");
  }
  Judgement judgement = judge_age(
      product, from_proto(*time), input.duration("scan_max_age"), input.now,
      {.fresh = "the last full scan was on", .before = "the last full scan was", .after = "ago"});
  const bool has_looked =
      scan.result() == v1::CHECK_RESULT_CLEAN || scan.result() == v1::CHECK_RESULT_FOUND;
  if (has_looked && judgement.kind != Kind::kUnknown && !scan.detail().empty()) {
    judgement.reason += fmt::format(" ({})", words_of(scan.detail()));
  }
  if (scan.result() == v1::CHECK_RESULT_UNSPECIFIED && judgement.kind == Kind::kMet) {
    judgement.kind = Kind::kUnknown;
    judgement.reason += ", and how it ended is not told";
  }
  return judgement;
}

}  // namespace

RuleOutput judge_full_scan_recent(const RuleInput& input) {
  return judge_each_product(input, {kAntivirusProbe}, [&input](const Product& product) {
    return judge_product(product, input);
  });
}

}  // namespace muster::policy
