// baseline_recent: what each product compares the host with was made not longer ago than
// baseline_max_age: after years, a baseline is a list of changes that nobody reads.
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection.h"
#include "common/policy/rules/protection_age.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

Judgement judge_product(const Product& product, const RuleInput& input) {
  if (!product.has_baseline_at()) {
    return judge_absent(product, {"baseline_at"}, "when its baseline was made",
                        "it compares with no baseline");
  }
  return judge_age(
      product, from_proto(product.baseline_at()), input.duration("baseline_max_age"), input.now,
      {.fresh = "the baseline was made on", .before = "the baseline is", .after = "old"});
}

}  // namespace

RuleOutput judge_baseline_recent(const RuleInput& input) {
  return judge_each_product(input, {kIntrusionDetectionProbe}, [&input](const Product& product) {
    return judge_product(product, input);
  });
}

}  // namespace muster::policy
