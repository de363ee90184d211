// Judging one control of one host: its rule says what is met, and this what that means by now, by
// the host's memory, the control's deadline and the waivers. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/control_memory.h"
#include "common/policy/evaluation.h"
#include "common/policy/rules.h"

namespace muster::policy {

// What all controls of an evaluation look at. What it refers to outlives it.
struct EvaluationInput {
  const HostView& host;
  const Policy& policy;
  // Of this policy and host.
  const HostScope& scope;
  TimePoint now;
};

class ControlEvaluation {
 public:
  // Judges the policy's control of that index. All outlive it.
  ControlEvaluation(const EvaluationInput& input, size_t control, ParsedFacts& facts,
                    FirstSeen& first_seen);

  const Standing& standing() const { return standing_; }
  bool changed_memory() const { return changed_memory_; }
  // In words, worst subjects first, those that pass too. Once.
  v1::Verdict verdict();

 private:
  struct Subject {
    Judgement judgement;
    v1::Status status = v1::STATUS_UNKNOWN;
    std::optional<TimePoint> first_failed = std::nullopt;
    std::optional<TimePoint> deadline = std::nullopt;
    // Null: none covers it.
    const Waiver* waiver = nullptr;
  };

  RuleInput rule_input() const;
  RuleOutput run_rule() const;
  // What counts instead of the rule's word where the control is not for the host, or nobody can
  // tell.
  std::optional<Judgement> judge_scope() const;
  void holds_until(TimePoint time);
  Subject judge_subject(Judgement judgement);
  void judge_unmet(Subject& subject);
  void waive(Subject& subject);
  void remember();
  std::vector<ControlMemory::Entry> not_seen() const;
  void stand();
  // Once the subjects are sorted.
  std::string summary() const;
  std::vector<v1::Evidence> evidence() const;

  static bool is_worse(const Subject& a, const Subject& b);
  static std::string sentence_of(const Subject& subject);
  static v1::SubjectVerdict to_message(Subject subject, const std::vector<v1::Evidence>& evidence);

  const EvaluationInput& input_;
  const Control& control_;
  const Match applies_;
  ParsedFacts& facts_;
  ControlMemory memory_;
  // Waivers that select the host: of all controls, for rules; those of this one are searched in it.
  std::vector<const Waiver*> waivers_;
  RuleOutput output_;
  std::vector<Subject> subjects_;
  Standing standing_;
  // When a sentence changes though the standing holds.
  TimePoint reads_until_ = TimePoint::max();
  bool changed_memory_ = false;
};

}  // namespace muster::policy
