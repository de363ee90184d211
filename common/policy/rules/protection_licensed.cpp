// protection_licensed: each product may be used, and for longer than warn_before. It is due from
// then on and fails at the end, which is its deadline.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection.h"
#include "common/policy/rules/times.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

// A licence that has an end, of a product that does not say that it has none.
Judgement judge_end(const Product& product, Duration warn_before, TimePoint now) {
  const TimePoint end = from_proto(product.licence_ends_at());
  const TimePoint warns_at = saturating_add(end, -warn_before);
  const std::string date = to_iso_date(end);
  if (now < warns_at) {
    Judgement judgement =
        judgement_of(product, Kind::kMet, fmt::format("its licence lasts until {}", date));
    judgement.holds_until = warns_at;
    return judgement;
  }
  const bool lasts = now < end;
  Judgement judgement = judgement_of(
      product, Kind::kUnmet,
      fmt::format("its licence {} {}: renew it", lasts ? "ends on" : "ended on", date));
  if (lasts) judgement.holds_until = end;
  judgement.deadline = end;
  return judgement;
}

Judgement judge_product(const Product& product, Duration warn_before, TimePoint now) {
  const bool has_end = product.has_licence_ends_at();
  if (product.licensed() == v1::ANSWER_NO) {
    const TimePoint end = has_end ? from_proto(product.licence_ends_at()) : TimePoint::max();
    if (end <= now) return judge_end(product, warn_before, now);
    Judgement judgement =
        judgement_of(product, Kind::kUnmet, "it has no licence that is in force: give it one");
    judgement.holds_until = end;
    return judgement;
  }
  if (has_end) return judge_end(product, warn_before, now);
  if (why_unread(product, "licensed") || why_unread(product, "licence_ends_at")) {
    return judge_absent(product, {"licensed", "licence_ends_at"}, "its licence", "");
  }
  if (product.licensed() == v1::ANSWER_YES) {
    return judgement_of(product, Kind::kMet, "it is licensed, without an end");
  }
  return judge_absent(product, {}, "", "on the host it tells of no licence");
}

}  // namespace

RuleOutput judge_protection_licensed(const RuleInput& input) {
  const Duration warn_before = input.duration("warn_before");
  return judge_each_product(
      input, {kAntivirusProbe, kIntrusionDetectionProbe},
      [&](const Product& product) { return judge_product(product, warn_before, input.now); });
}

}  // namespace muster::policy
