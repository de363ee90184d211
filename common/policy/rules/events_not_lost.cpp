// events_not_lost: each product saw what happened: it lost not more than at_most events since it,
// or the kernel, was started.
#include <fmt/format.h>

#include <string>

#include "common/counted.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

// How the count begins anew.
std::string_view reset_of(const Product& product) {
  if (product.product() != "auditd") return "its count begins anew with its next start";
  return "give it a longer queue (auditctl -b), then auditctl --reset-lost";
}

Judgement judge_product(const Product& product, int64_t at_most) {
  if (!product.has_events_lost()) {
    return judge_absent(product, {"events_lost"}, "how many events were lost",
                        "it counts no lost events");
  }
  const uint64_t lost = product.events_lost();
  if (lost == 0) return judgement_of(product, Kind::kMet, "no event was lost");
  std::string reason =
      fmt::format("{} {} lost", counted(lost, "event"), lost == 1 ? "was" : "were");
  if (!product.events_detail().empty()) {
    reason += fmt::format(" ({})", words_of(product.events_detail()));
  }
  if (lost <= static_cast<uint64_t>(at_most)) {
    return judgement_of(product, Kind::kMet, fmt::format("{}; {} may be", reason, at_most));
  }
  return judgement_of(product, Kind::kUnmet, fmt::format("{}: {}", reason, reset_of(product)));
}

}  // namespace

RuleOutput judge_events_not_lost(const RuleInput& input) {
  const int64_t at_most = input.count("at_most");
  return judge_each_product(input, {kIntrusionDetectionProbe}, [at_most](const Product& product) {
    return judge_product(product, at_most);
  });
}

}  // namespace muster::policy
