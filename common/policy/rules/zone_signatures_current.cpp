// zone_signatures_current: the zone is signed anew before its signatures end. It is due from
// min_remaining before the first of them does, and fails half-way from there to the end. Where a
// server signs as it answers, signatures live for two days and are always as fresh as the answer,
// so that no more than a third of what they live is asked for.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/times.h"
#include "common/policy/rules/zones.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestOwner = 256;
constexpr int kPartOfLifetime = 3;

// How long before the end they are to be made anew. That the last of them begins later than the
// first makes the lifetime shorter than it is, never longer.
Duration window_of(const v1::ZoneFacts& facts, TimePoint ends, Duration min_remaining) {
  if (!facts.has_signatures_begin()) return min_remaining;
  const TimePoint begins = from_proto(facts.signatures_begin());
  if (begins >= ends) return min_remaining;
  return std::min(min_remaining, Duration((ends - begins) / kPartOfLifetime));
}

// Before they count they are as bad as after their end.
std::optional<Judgement> judge_begin(const v1::ZoneFacts& facts, TimePoint now) {
  if (!facts.has_signatures_begin()) return std::nullopt;
  const TimePoint begins = from_proto(facts.signatures_begin());
  if (now >= begins) return std::nullopt;
  return Judgement{.kind = Kind::kUnmet,
                   .reason = fmt::format("a signature of {} begins to be good on {}: see the clock "
                                         "of what signs it",
                                         name_of(facts), to_iso8601(begins)),
                   .holds_until = begins};
}

Judgement judge_end(const v1::ZoneFacts& facts, TimePoint now, Duration min_remaining) {
  const std::string name = name_of(facts);
  const std::string which =
      facts.signatures_expire_of().empty()
          ? fmt::format("a signature of {}", name)
          : fmt::format("the signature over {}",
                        printable(facts.signatures_expire_of(), kLongestOwner));
  const TimePoint ends = from_proto(facts.signatures_expire());
  const Duration window = window_of(facts, ends, min_remaining);
  const TimePoint opens = saturating_add(ends, -window);
  const TimePoint deadline = saturating_add(ends, -window / 2);
  if (now >= ends) {
    return {.kind = Kind::kUnmet,
            .reason = fmt::format("{} ended on {}: resolvers that check do not find what it is for",
                                  which, to_iso8601(ends)),
            .deadline = deadline};
  }
  if (now >= opens) {
    return {.kind = Kind::kUnmet,
            .reason = fmt::format("{} ends on {} and is not made anew", which, to_iso8601(ends)),
            .holds_until = ends,
            .deadline = deadline};
  }
  return {.kind = Kind::kMet,
          .reason =
              fmt::format("the first signature of {} to end does so on {}", name, to_iso8601(ends)),
          .holds_until = opens};
}

Judgement judge_signatures(const v1::ZoneFacts& facts, TimePoint now, Duration min_remaining) {
  const std::string name = name_of(facts);
  switch (facts.dnssec()) {
    case v1::DNSSEC_STATE_UNSIGNED:
      return {.kind = Kind::kNotApplicable, .reason = name + " is not signed"};
    case v1::DNSSEC_STATE_NOT_DELEGATED:
      return {.kind = Kind::kNotApplicable,
              .reason = fmt::format("nobody checks the signatures of {}: the zone above has no DS "
                                    "record",
                                    name)};
    case v1::DNSSEC_STATE_GOOD:
    case v1::DNSSEC_STATE_BROKEN:
      if (std::optional<Judgement> judgement = judge_begin(facts, now)) return *judgement;
      if (facts.has_signatures_expire()) return judge_end(facts, now, min_remaining);
      return {.reason = fmt::format("when the signatures of {} end was not seen{}", name,
                                    in_brackets(facts.dnssec_detail()))};
    default:
      return {.reason = fmt::format("how {} is signed is not known{}", name,
                                    in_brackets(facts.dnssec_detail()))};
  }
}

}  // namespace

RuleOutput judge_zone_signatures_current(const RuleInput& input) {
  const TimePoint now = input.now;
  const Duration min_remaining = input.duration("min_remaining");
  return judge_zone(input,
                    [now, min_remaining](const v1::ZoneFacts& facts) -> std::vector<Judgement> {
                      Judgement judgement = judge_signatures(facts, now, min_remaining);
                      judgement.subject = name_of(facts);
                      return {judgement};
                    });
}

}  // namespace muster::policy
