// antivirus_protects: at least one product really protects: it runs, with its real-time protection,
// in no passive or reduced mode; or it is a scanner, something runs full scans, and the last of
// these did not fail and is not older than scan_max_age. One is enough: a second one beside it is
// passive on purpose.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection_at_work.h"

namespace muster::policy {
namespace {

using Answer = AtWork::Answer;

constexpr LastLookWords kFullScan{.fact = "full_scan",
                                  .name = "its last full scan",
                                  .look = "scan everything",
                                  .looked = "scanned everything",
                                  .never = "never scanned everything"};

// A scanner protects by what it did: a job that would start it may never have run.
AtWork judge_scanner(const Product& product, Duration most, TimePoint now) {
  AtWork at_work = judge_schedule(product, "full scans");
  if (at_work.answer != Answer::kYes) return at_work;
  if (product.full_scan().result() == v1::CHECK_RESULT_RUNNING) {
    return {Answer::kMaybe, "scans everything now, and no full scan before it is known"};
  }
  return judge_last_look(product, product.full_scan(), kFullScan, std::move(at_work), most, now);
}

AtWork judge_product(const Product& product, Duration most, TimePoint now) {
  std::optional<AtWork> at_work = at_work_by_mode(product);
  if (at_work && at_work->answer != Answer::kYes) return *at_work;
  if (!at_work) return judge_scanner(product, most, now);
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
  const Duration most = input.duration("scan_max_age");
  return judge_at_work(input, kAntivirusProbe, "protects the host", [&](const Product& product) {
    return judge_product(product, most, input.now);
  });
}

}  // namespace muster::policy
