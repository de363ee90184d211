#include "common/policy/rules/protection_age.h"

#include <fmt/format.h>

#include <string>

#include "common/policy/rules/times.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

}  // namespace

bool is_in_the_future(TimePoint time, TimePoint now) {
  return time > saturating_add(now, kTomorrow);
}

Judgement judge_age(const Product& product, TimePoint since, Duration most, TimePoint now,
                    const AgeWords& words) {
  if (is_in_the_future(since, now)) {
    Judgement judgement =
        judgement_of(product, Kind::kUnknown,
                     fmt::format("{} {}, which has not come yet: see whether a clock is wrong",
                                 words.fresh, to_iso_date(since)));
    judgement.holds_until = saturating_add(since, -kTomorrow);
    return judgement;
  }
  const TimePoint too_old = saturating_add(since, most);
  if (now < too_old) {
    Judgement judgement =
        judgement_of(product, Kind::kMet, fmt::format("{} {}", words.fresh, to_iso_date(since)));
    judgement.holds_until = too_old;
    return judgement;
  }
  const Age age = describe_age(since, now);
  Judgement judgement = judgement_of(product, Kind::kUnmet,
                                     fmt::format("{} {} {}", words.before, age.words, words.after));
  judgement.reads_until = age.changes_at;
  return judgement;
}

const google::protobuf::Timestamp* time_of(const v1::LastCheck& check) {
  if (check.has_ended_at()) return &check.ended_at();
  return check.has_started_at() ? &check.started_at() : nullptr;
}

Judgement judge_told_elsewhere(const Product& product, const v1::LastCheck& check,
                               std::string_view what) {
  if (check.detail().empty()) {
    return judgement_of(product, Kind::kNotApplicable,
                        fmt::format("{} is kept by its management server", what));
  }
  return judgement_of(product, Kind::kUnknown,
                      fmt::format("{} is not to be read here: {}", what, words_of(check.detail())));
}

std::string failed_words(std::string_view what, const v1::LastCheck& check) {
  std::string words = fmt::format("{} failed", what);
  if (!check.detail().empty()) words += ": " + words_of(check.detail());
  return words;
}

}  // namespace muster::policy
