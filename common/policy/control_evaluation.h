// Judging one control of one host: its rule says what is met, and this what that means by now, by
// the host's memory and the control's deadline. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/control_memory.h"
#include "common/policy/policy.h"
#include "common/policy/rules.h"

namespace muster::policy {

class ControlEvaluation {
 public:
  // All outlive it.
  ControlEvaluation(const HostView& host, const Control& control, TimePoint now, ParsedFacts& facts,
                    FirstSeen& first_seen)
      : host_(host), control_(control), now_(now), facts_(facts), memory_(first_seen, control.id) {}

  // Once. `with_subjects`: they are in the verdict, worst first, those that pass too.
  v1::Verdict judge(bool with_subjects);

  // Of the verdict.
  const Evaluation::Hold& hold() const { return hold_; }
  bool changed_memory() const { return changed_memory_; }

 private:
  struct Subject {
    Judgement judgement;
    v1::Status status = v1::STATUS_UNKNOWN;
    std::optional<TimePoint> first_failed = std::nullopt;
    std::optional<TimePoint> deadline = std::nullopt;
  };

  RuleOutput run_rule() const;
  void holds_until(TimePoint time);
  Subject judge_subject(Judgement judgement);
  void judge_unmet(Subject& subject);
  void remember(const std::vector<Subject>& subjects);
  std::vector<ControlMemory::Entry> not_seen(const std::vector<Subject>& subjects) const;
  std::vector<v1::Evidence> evidence_of(const std::vector<std::string>& probes) const;
  v1::Verdict verdict_of(const std::vector<Subject>& subjects, std::string summary) const;

  static bool is_worse(const Subject& a, const Subject& b);
  static std::string sentence_of(const Subject& subject);
  static v1::SubjectVerdict to_message(Subject subject, const std::vector<v1::Evidence>& evidence);

  const HostView& host_;
  const Control& control_;
  const TimePoint now_;
  ParsedFacts& facts_;
  ControlMemory memory_;
  Evaluation::Hold hold_;
  bool changed_memory_ = false;
};

}  // namespace muster::policy
