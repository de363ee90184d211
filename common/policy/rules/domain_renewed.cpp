// domain_renewed: the registration does not end soon. It is due from renew_before on, fails when
// half of that has gone, while there is still time to act, and has failed when it has ended. A date
// that was given by hand counts where the registry publishes none; without either nobody knows.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "common/policy/rules/domains.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/times.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;
using std::chrono::days;

// A registry's date without a zone may be that much too late.
constexpr Duration kUnknownZone = days(1);

struct End {
  TimePoint time;
  // "by hand: the registry publishes none"; empty where there is nothing to say of it.
  std::string remark;
};

// What the date by hand is off by is said: whoever wrote it goes by it.
std::string contradiction(const v1::DomainFacts& facts) {
  if (!facts.has_expires_by_hand()) return {};
  const TimePoint by_hand = from_proto(facts.expires_by_hand());
  const Duration apart = from_proto(facts.expires()) - by_hand;
  if (apart < days(2) && apart > -days(2)) return {};
  return fmt::format("the date by hand, {}, is wrong",
                     to_iso_date(by_hand - std::chrono::seconds(1)));
}

End end_of(const v1::DomainFacts& facts) {
  if (!facts.has_expires()) {
    return {from_proto(facts.expires_by_hand()), "by hand: its registry publishes no date"};
  }
  const TimePoint time = from_proto(facts.expires());
  return {facts.expires_zone_unknown() ? saturating_add(time, -kUnknownZone) : time,
          contradiction(facts)};
}

std::string words_of(const v1::DomainFacts& facts, const End& end, TimePoint now) {
  constexpr size_t kLongestRegistrar = 80;
  std::string text = fmt::format("{} {} on {}", shown_domain(facts),
                                 now < end.time ? "ends" : "ended", to_iso_date(end.time));
  if (facts.expires_zone_unknown() && facts.has_expires()) text += " or the day after";
  if (!facts.registrar().empty())
    text += fmt::format(", at {}", printable(facts.registrar(), kLongestRegistrar));
  if (!end.remark.empty()) text += fmt::format(" ({})", end.remark);
  return text;
}

Judgement judge_end(const v1::DomainFacts& facts, const RuleInput& input) {
  const Duration window = input.duration("renew_before");
  const End end = end_of(facts);
  const TimePoint due = saturating_add(end.time, -window);
  const TimePoint deadline = saturating_add(end.time, -(window / 2));
  Judgement judgement{.reason = words_of(facts, end, input.now)};
  if (input.now < due) {
    judgement.kind = Kind::kMet;
    judgement.holds_until = due;
    return judgement;
  }
  judgement.kind = Kind::kUnmet;
  judgement.deadline = deadline;
  judgement.reason += input.now < end.time ? ": renew it" : ": renew it while it can be had back";
  if (input.now < end.time) judgement.holds_until = end.time;
  return judgement;
}

}  // namespace

RuleOutput judge_domain_renewed(const RuleInput& input) {
  RuleOutput output;
  auto section = read_one_section<v1::DomainFacts>(input, kDomainProbe, output);
  if (section.facts == nullptr) return output;
  const v1::DomainFacts& facts = *section.facts;
  // A date by hand is somebody's word where there is no registry to ask.
  const bool by_hand_alone =
      facts.answer() == v1::REGISTRY_ANSWER_UNSUPPORTED && facts.has_expires_by_hand();
  if (!by_hand_alone) {
    output.judgements.clear();
    output.probes.clear();
    section = read_registration(input, output);
    if (section.facts == nullptr) return output;
  }
  Judgement judgement{
      .reason = fmt::format("the registry publishes no date for {}: write it into its target as "
                            "expires=2027-03-31",
                            shown_domain(facts))};
  if (facts.has_expires() || facts.has_expires_by_hand()) judgement = judge_end(facts, input);
  add_judgement(std::move(judgement), section, output);
  return output;
}

}  // namespace muster::policy
