// management_connected: each product that a server manages hears of it: it is connected, and its
// last contact is not longer ago than silent_after. Where it is not connected, that is until when
// it may be so.
#include <fmt/format.h>

#include <string>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/protection.h"
#include "common/policy/rules/protection_age.h"
#include "common/policy/rules/times.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

std::string server_of(const Product& product) {
  if (product.management_server().empty()) return "its management server";
  return fmt::format("its management server {}", words_of(product.management_server()));
}

Judgement judge_silence(const Product& product, Duration silent_after, TimePoint now) {
  const std::string server = server_of(product);
  const TimePoint last = from_proto(product.management_last_contact_at());
  Judgement judgement = judge_age(product, last, silent_after, now,
                                  {.fresh = fmt::format("it last heard of {} on", server),
                                   .before = fmt::format("it last heard of {}", server),
                                   .after = "ago"});
  const TimePoint too_silent = saturating_add(last, silent_after);
  if (judgement.kind == Kind::kUnknown) return judgement;
  // It may have heard of it since: what is not told is whether it is connected.
  if (const auto why = why_unread(product, "management_connected");
      why && judgement.kind == Kind::kUnmet) {
    judgement.kind = Kind::kUnknown;
    judgement.reason += fmt::format(", and whether it is connected could not be read: {}", *why);
    return judgement;
  }
  if (product.management_connected() == v1::ANSWER_NO) {
    const Age age = describe_age(last, now);
    judgement = judgement_of(
        product, Kind::kUnmet,
        fmt::format("it is not connected to {}, of which it last heard {} ago", server, age.words));
    judgement.reads_until = age.changes_at;
  }
  if (judgement.kind == Kind::kUnmet) judgement.deadline = too_silent;
  return judgement;
}

Judgement judge_product(const Product& product, Duration silent_after, TimePoint now) {
  if (product.has_management_last_contact_at()) return judge_silence(product, silent_after, now);
  switch (product.management_connected()) {
    case v1::ANSWER_YES:
      if (const auto why = why_unread(product, "management_last_contact_at")) {
        return judge_absent(product, {"management_last_contact_at"},
                            "when it last heard of its server", "");
      }
      return judgement_of(product, Kind::kMet, "it is connected to " + server_of(product));
    case v1::ANSWER_NO:
      return judgement_of(product, Kind::kUnmet, "it is not connected to " + server_of(product));
    default:
      return judge_absent(product, {"management_connected", "management_last_contact_at"},
                          "whether its management server is reached",
                          "on the host it tells nothing of a server that manages it");
  }
}

}  // namespace

RuleOutput judge_management_connected(const RuleInput& input) {
  const Duration silent_after = input.duration("silent_after");
  return judge_each_product(
      input, {kAntivirusProbe, kIntrusionDetectionProbe},
      [&](const Product& product) { return judge_product(product, silent_after, input.now); });
}

}  // namespace muster::policy
