// What the rules about zones have in common: the section of a target of the kind zone, the zone's
// name as the subject, and records that a zone may have. All texts are printable and bounded,
// whatever the facts say. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/rules.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::policy {

// "example.org": the subject of what is said of the whole zone.
std::string name_of(const v1::ZoneFacts& facts);

// " (detail)", or nothing.
std::string in_brackets(std::string_view detail);

using JudgeZone = std::function<std::vector<Judgement>(const v1::ZoneFacts&)>;

// Judges the facts of the zone where there are some that are fresh; what was judged holds until
// they are too old, at the latest.
RuleOutput judge_zone(const RuleInput& input, const JudgeZone& judge);

// A record that a zone may have.
struct ZoneRecord {
  // "SPF record"
  std::string_view noun;
  v1::RecordState state;
  std::string_view detail;
  // Where there is none: whether that is unmet, and else does not apply.
  bool required;
  // After "example.org has no SPF record", where one is required: what that means.
  std::string_view want;
};

// As far as its state tells. Nothing where there is one that is well formed: then its text decides.
std::optional<Judgement> judge_state(const v1::ZoneFacts& facts, const ZoneRecord& record);

// Of several subjects, since the first alone would pass for all: what is unmet, and how many more
// of those `nouns`; `all_met` where all are. Empty where it says less than the worst subject.
std::string summary_of_zone(const std::vector<Judgement>& judgements, std::string_view nouns,
                            std::string_view all_met);

}  // namespace muster::policy
