#include "collector/policy_test/policy_case_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/evaluation.h"
#include "common/policy/maintenance.h"
#include "common/policy/status.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kSubjectsNamed = 5;

// What can be expected of a verdict as a whole and of its subjects alike.
struct Got {
  v1::Status status;
  TimePoint deadline = TimePoint::max();
  std::string sentence;
  std::string waiver;
};

std::string time_words(TimePoint time) {
  return time == TimePoint::max() ? "none" : to_iso8601(time);
}

std::string or_none(const std::string& text) {
  return text.empty() ? "none" : text;
}

// Notes what is not as expected of one control.
class Comparison {
 public:
  Comparison(v1::PolicyTestResult& result, std::string control)
      : result_(result), control_(std::move(control)) {}

  void compare(const std::string& subject, const Expectation& expected, const Got& got,
               const std::string& sentence_is) {
    if (expected.status && *expected.status != got.status) {
      note(subject, "status", std::string(policy::status_name(*expected.status)),
           std::string(policy::status_name(got.status)), got.sentence);
    }
    // To the second, as it is written.
    if (expected.deadline && time_words(*expected.deadline) != time_words(got.deadline)) {
      note(subject, "deadline", time_words(*expected.deadline), time_words(got.deadline),
           got.sentence);
    }
    if (expected.sentence && !policy::matches_glob(*expected.sentence, got.sentence)) {
      note(subject, sentence_is, *expected.sentence, got.sentence, "");
    }
    if (expected.waiver && *expected.waiver != got.waiver) {
      note(subject, "waiver", or_none(*expected.waiver), or_none(got.waiver), got.sentence);
    }
  }

  void note(const std::string& subject, const std::string& field, const std::string& expected,
            const std::string& got, const std::string& reason) {
    v1::PolicyTestMismatch& mismatch = *result_.add_mismatches();
    mismatch.set_control(control_);
    mismatch.set_subject(subject);
    mismatch.set_field(field);
    mismatch.set_expected(expected);
    mismatch.set_got(got);
    mismatch.set_reason(reason);
  }

 private:
  v1::PolicyTestResult& result_;
  const std::string control_;
};

std::string subjects_there_are(const v1::Verdict& verdict) {
  std::vector<std::string> names;
  for (const v1::SubjectVerdict& subject : verdict.subjects()) {
    if (!subject.subject().empty()) names.push_back(subject.subject());
  }
  return names.empty() ? "the verdict is about it as a whole: " + verdict.summary()
                       : "its subjects are " + join_some(names, kSubjectsNamed);
}

void compare_subjects(const ExpectedVerdict& expected, const v1::Verdict& verdict,
                      Comparison& comparison) {
  for (const auto& [name, expectation] : expected.subjects) {
    const auto subject =
        std::find_if(verdict.subjects().begin(), verdict.subjects().end(),
                     [&name = name](const v1::SubjectVerdict& s) { return s.subject() == name; });
    if (subject == verdict.subjects().end()) {
      comparison.note(
          name, "status",
          expectation.status ? std::string(policy::status_name(*expectation.status)) : "a verdict",
          "no such subject", subjects_there_are(verdict));
      continue;
    }
    comparison.compare(
        name, expectation,
        {.status = subject->status(),
         .deadline = subject->has_deadline() ? from_proto(subject->deadline()) : TimePoint::max(),
         .sentence = subject->reason(),
         .waiver = subject->waiver()},
        "reason");
  }
}

void compare_verdict(const ExpectedVerdict& expected, const v1::Verdict& verdict,
                     v1::PolicyTestResult& result) {
  Comparison comparison(result, expected.control);
  comparison.compare(
      "", expected.whole,
      {.status = verdict.status(),
       .deadline = verdict.has_deadline() ? from_proto(verdict.deadline()) : TimePoint::max(),
       .sentence = verdict.summary(),
       .waiver = {}},
      "summary");
  compare_subjects(expected, verdict, comparison);
}

void compare_scope(const PolicyCase& test, const policy::HostView& host,
                   const policy::Policy& policy, v1::PolicyTestResult& result) {
  const policy::HostOs os = policy::os_of(host.sections);
  const policy::HostScope scope = policy::scope_of(policy, policy::traits_of(host, os));
  Comparison comparison(result, "");
  const std::string owner = scope.owner ? policy.owners[*scope.owner].team : "";
  if (test.owner && *test.owner != owner) {
    comparison.note("", "owner", or_none(*test.owner), or_none(owner), "");
  }
  std::vector<std::string> windows;
  for (const uint32_t index : scope.windows) {
    const policy::MaintenanceWindow& window = policy.maintenance[index];
    if (policy::state_at(window, test.at).is_open) windows.push_back(window.name);
  }
  std::sort(windows.begin(), windows.end());
  if (test.maintenance && *test.maintenance != windows) {
    comparison.note("", "maintenance",
                    or_none(fmt::format("{}", fmt::join(*test.maintenance, ", "))),
                    or_none(fmt::format("{}", fmt::join(windows, ", "))), "");
  }
}

}  // namespace

v1::PolicyTestResult run_policy_case(const PolicyCase& test, const policy::Policy& policy) {
  v1::PolicyTestResult result;
  result.set_file(test.file);
  result.set_name(test.name);
  const policy::HostView host{.sections = test.sections,
                              .last_sync = test.last_sync,
                              .enrolled_at = test.enrolled_at,
                              .name = test.host,
                              .labels = &test.labels,
                              .kind = test.kind};
  const policy::Evaluation evaluation = policy::evaluate(host, test.unmet_since, policy, test.at);
  for (const ExpectedVerdict& expected : test.expected) {
    for (const v1::Verdict& verdict : evaluation.verdicts) {
      if (verdict.control() == expected.control) compare_verdict(expected, verdict, result);
    }
  }
  compare_scope(test, host, policy, result);
  return result;
}

}  // namespace muster::collector
