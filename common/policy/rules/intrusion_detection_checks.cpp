// intrusion_detection_checks: at least one product is at work: it watches, or something runs its
// checks; and where it keeps its last check, that did not fail and is not older than check_max_age.
#include <fmt/format.h>

#include <optional>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection_age.h"
#include "common/policy/rules/protection_at_work.h"
#include "common/policy/rules/times.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Answer = AtWork::Answer;

// `at_work` as far as the last check bears it out.
AtWork judge_last_check(const Product& product, AtWork at_work, Duration most, TimePoint now) {
  const v1::LastCheck& check = product.last_check();
  const auto why = why_unread(product, "last_check");
  if (why) return {Answer::kMaybe, fmt::format("may not have checked: {}", *why)};
  if (!product.has_last_check()) return at_work;
  if (check.result() == v1::CHECK_RESULT_NEVER) return {Answer::kNo, "never checked anything"};
  if (check.result() == v1::CHECK_RESULT_FAILED) {
    return {Answer::kNo, fmt::format("does not check: {}", failed_words("its last check", check))};
  }
  const google::protobuf::Timestamp* const time = time_of(check);
  if (time == nullptr) return {Answer::kMaybe, "does not tell when it last checked"};
  if (is_in_the_future(from_proto(*time), now)) {
    return {
        Answer::kMaybe,
        fmt::format("last checked on {}, which has not come yet", to_iso_date(from_proto(*time))),
        saturating_add(from_proto(*time), -kTomorrow)};
  }
  const TimePoint too_old = saturating_add(from_proto(*time), most);
  if (now >= too_old) {
    const Age age = describe_age(from_proto(*time), now);
    return {Answer::kNo, fmt::format("last checked {} ago", age.words), TimePoint::max(),
            age.changes_at};
  }
  if (check.result() == v1::CHECK_RESULT_UNSPECIFIED) {
    return {Answer::kMaybe, "does not tell how its last check ended", too_old};
  }
  at_work.holds_until = too_old;
  return at_work;
}

}  // namespace

RuleOutput judge_intrusion_detection_checks(const RuleInput& input) {
  return judge_at_work(
      input, kIntrusionDetectionProbe, "watches the host", [&input](const Product& product) {
        AtWork at_work = at_work_by_mode(product).value_or(judge_schedule(product, "its checks"));
        if (at_work.answer != Answer::kYes) return at_work;
        return judge_last_check(product, at_work, input.duration("check_max_age"), input.now);
      });
}

}  // namespace muster::policy
