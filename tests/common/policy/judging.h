// Judging one host by one control, for the tests of the rules.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/common/policy/facts.h"

namespace muster::testing {

inline policy::Control control_of(std::string rule) {
  policy::Control control;
  control.id = "c";
  control.title = "Title";
  control.rule = std::move(rule);
  return control;
}

inline v1::Verdict judge(const policy::Control& control, std::vector<SectionState> sections,
                         const policy::FirstSeen& first_seen = {}, TimePoint now = kNow) {
  const policy::Evaluation evaluation = policy::evaluate(
      {.sections = sections, .last_sync = std::nullopt}, first_seen, {{control}}, now);
  EXPECT_EQ(evaluation.verdicts.size(), 1U);
  return evaluation.verdicts[0];
}

// "subject status reason", for the subjects in their order.
inline std::vector<std::string> lines(const v1::Verdict& verdict) {
  std::vector<std::string> result;
  for (const v1::SubjectVerdict& subject : verdict.subjects()) {
    result.push_back(subject.subject() + " | " +
                     std::string(policy::status_name(subject.status())) + " | " + subject.reason());
  }
  return result;
}

}  // namespace muster::testing
