// intrusion_detection_checks: at least one product is at work: it watches, or something runs its
// checks; and where it keeps its last check, that did not fail and is not older than check_max_age.
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection_at_work.h"

namespace muster::policy {
namespace {

using Answer = AtWork::Answer;

constexpr LastLookWords kLastCheck{.fact = "last_check",
                                   .name = "its last check",
                                   .look = "check",
                                   .looked = "checked",
                                   .never = "never checked anything"};

AtWork judge_product(const Product& product, Duration most, TimePoint now) {
  AtWork at_work = at_work_by_mode(product).value_or(judge_schedule(product, "its checks"));
  if (at_work.answer != Answer::kYes) return at_work;
  // It keeps none.
  if (!product.has_last_check() && !why_unread(product, kLastCheck.fact)) return at_work;
  return judge_last_look(product, product.last_check(), kLastCheck, std::move(at_work), most, now);
}

}  // namespace

RuleOutput judge_intrusion_detection_checks(const RuleInput& input) {
  const Duration most = input.duration("check_max_age");
  return judge_at_work(
      input, kIntrusionDetectionProbe, "watches the host",
      [&](const Product& product) { return judge_product(product, most, input.now); });
}

}  // namespace muster::policy
