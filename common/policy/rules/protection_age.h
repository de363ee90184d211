// How old what a product tells of may be: its signatures, its last scan, its baseline. Pure.
#pragma once

#include <string_view>

#include "common/policy/rules/protection.h"

namespace muster::policy {

// The words around it: "the baseline was made on" 2026-11-20; "the baseline is" 400 days "old".
struct AgeWords {
  std::string_view fresh;
  std::string_view before;
  std::string_view after;
};

// Met until it is `most` old, unmet from then on. Unknown where it lies in a future that no slip of
// a clock explains: such a time would stay fresh for years.
Judgement judge_age(const Product& product, TimePoint since, Duration most, TimePoint now,
                    const AgeWords& words);
// Whether it does: a clock may be wrong, and a day begins elsewhere first.
inline constexpr Duration kTomorrow = std::chrono::hours(36);
bool is_in_the_future(TimePoint time, TimePoint now);

// When a scan or a check ended, else when it began; null: it does not say.
const google::protobuf::Timestamp* time_of(const v1::LastCheck& check);

// Of one that came to its end, and what it found is not to be read on the host: unknown with the
// reason, and not applicable where the server that manages the product has it. `what`: "what its
// last check found".
Judgement judge_told_elsewhere(const Product& product, const v1::LastCheck& check,
                               std::string_view what);

// "the last full scan failed: no space left"; without a detail where there is none.
std::string failed_words(std::string_view what, const v1::LastCheck& check);

}  // namespace muster::policy
