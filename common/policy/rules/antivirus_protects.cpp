// antivirus_protects: at least one product really protects: it runs, with its real-time protection,
// in no passive or reduced mode; or it is a scanner and something runs full scans. One is enough: a
// second one beside it is passive on purpose.
#include <fmt/format.h>

#include <optional>
#include <string>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection_at_work.h"

namespace muster::policy {
namespace {

using Answer = AtWork::Answer;

AtWork judge_product(const Product& product) {
  std::optional<AtWork> at_work = at_work_by_mode(product);
  if (at_work && at_work->answer != Answer::kYes) return *at_work;
  if (!at_work) return judge_schedule(product, "full scans");
  if (product.real_time() == v1::ANSWER_NO) {
    return {Answer::kNo, "has its real-time protection switched off"};
  }
  if (const auto why = why_unread(product, "real_time")) {
    return {Answer::kMaybe, fmt::format("may have its real-time protection off: {}", *why)};
  }
  return *at_work;
}

}  // namespace

RuleOutput judge_antivirus_protects(const RuleInput& input) {
  return judge_at_work(input, kAntivirusProbe, "protects the host", judge_product);
}

}  // namespace muster::policy
