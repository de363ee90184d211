#include "common/policy/control_evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/policy/doubled_subjects.h"
#include "common/policy/rules/times.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

// Subjects in a verdict, as fleet.proto promises. Beyond them only the memory goes on.
constexpr size_t kMostSubjects = 1000;

using Kind = Judgement::Kind;

// Whether `subject` could not be seen because `whole` could not: the host itself is the whole of
// everything, a directory of its files, a file of its certificates, a product of its exclusions
// ("clamav: path /srv").
bool is_within(std::string_view subject, std::string_view whole) {
  if (whole.empty()) return true;
  return subject.size() > whole.size() && subject.starts_with(whole) &&
         (subject[whole.size()] == '/' || subject[whole.size()] == '#' ||
          subject.substr(whole.size()).starts_with(": "));
}

std::string waived_until(const Waiver& waiver) {
  return fmt::format("; waived until {} by {}", to_iso_date(waiver.ends), waiver.approved_by);
}

}  // namespace

ControlEvaluation::ControlEvaluation(const EvaluationInput& input, size_t control,
                                     ParsedFacts& facts, FirstSeen& first_seen)
    : input_(input),
      control_(input.policy.controls[control]),
      applies_(input.scope.controls[control]),
      facts_(facts),
      memory_(first_seen, control_.id) {
  for (const uint32_t waiver : input.scope.waivers)
    waivers_.push_back(&input.policy.waivers[waiver]);
  if (std::optional<Judgement> judgement = judge_scope()) {
    output_.judgements.push_back(*std::move(judgement));
  } else {
    output_ = run_rule();
  }
  for (const Judgement& judgement : output_.judgements) {
    holds_until(judgement.holds_until);
    if (judgement.reads_until > input.now)
      reads_until_ = std::min(reads_until_, judgement.reads_until);
  }
  merge_doubled_subjects(output_.judgements);
  subjects_.reserve(output_.judgements.size());
  for (Judgement& judgement : output_.judgements)
    subjects_.push_back(judge_subject(std::move(judgement)));
  remember();
  stand();
}

std::optional<Judgement> ControlEvaluation::judge_scope() const {
  switch (applies_) {
    case Match::kYes:
      return std::nullopt;
    case Match::kNo:
      return Judgement{.kind = Judgement::Kind::kNotApplicable,
                       .reason = fmt::format("the policy does not require it of this {}",
                                             noun_of(input_.host.kind))};
    case Match::kUnknown:
      return Judgement{.kind = Judgement::Kind::kUnknown,
                       .reason =
                           "whether it is required of this host depends on its operating "
                           "system, which it has not told yet"};
  }
  return std::nullopt;
}

RuleInput ControlEvaluation::rule_input() const {
  return {.host = input_.host,
          .control = control_,
          .now = input_.now,
          .facts = facts_,
          .waivers = waivers_,
          .baselines = &input_.policy.baselines};
}

RuleOutput ControlEvaluation::run_rule() const {
  const Rule* const rule = find_rule(control_.rule);
  RuleOutput output;
  if (rule != nullptr) output = rule->judge(rule_input());
  if (output.judgements.empty()) {
    output.judgements.push_back({.reason = rule == nullptr
                                               ? fmt::format("there is no rule '{}'", control_.rule)
                                               : "the rule said nothing"});
  }
  return output;
}

// What holds until `time` is judged again then. A time that has passed would have the caller judge
// without end, so it counts as never.
void ControlEvaluation::holds_until(TimePoint time) {
  if (time > input_.now) standing_.valid_until = std::min(standing_.valid_until, time);
}

ControlEvaluation::Subject ControlEvaluation::judge_subject(Judgement judgement) {
  Subject subject{.judgement = std::move(judgement)};
  switch (subject.judgement.kind) {
    case Kind::kMet:
      subject.status = v1::STATUS_PASS;
      break;
    case Kind::kNotApplicable:
      subject.status = v1::STATUS_NOT_APPLICABLE;
      break;
    case Kind::kUnknown:
      subject.status = v1::STATUS_UNKNOWN;
      subject.first_failed = memory_.find(subject.judgement.subject);
      standing_.has_unknown = true;
      standing_.awaits_heartbeat = true;
      break;
    case Kind::kUnmet:
      if (subject.judgement.awaits_heartbeat) standing_.awaits_heartbeat = true;
      judge_unmet(subject);
      break;
  }
  return subject;
}

void ControlEvaluation::judge_unmet(Subject& subject) {
  const Judgement& judgement = subject.judgement;
  const TimePoint now = input_.now;
  const TimePoint first_failed = std::min(memory_.find(judgement.subject).value_or(now), now);
  subject.first_failed = first_failed;
  const Duration time = control_.deadlines.of(judgement.severity.value_or(control_.severity));
  const TimePoint deadline = judgement.deadline.value_or(saturating_add(first_failed, time));
  if (judgement.deadline || time > Duration::zero()) subject.deadline = deadline;
  if (now < deadline) {
    subject.status = v1::STATUS_DUE;
    holds_until(deadline);
  } else {
    subject.status = v1::STATUS_FAIL;
  }
  waive(subject);
}

// The time goes on under a waiver: what it covered is due, or has failed, from when it first was.
void ControlEvaluation::waive(Subject& subject) {
  for (const Waiver* waiver : waivers_) {
    if (waiver->control != control_.id || !waiver->covers(subject.judgement.subject)) continue;
    holds_until(waiver->starts);
    if (!waiver->is_active(input_.now)) continue;
    holds_until(waiver->ends);
    subject.status = v1::STATUS_WAIVED;
    // Of several, the one that lasts longest is the one to tell of.
    if (subject.waiver == nullptr || subject.waiver->ends < waiver->ends) subject.waiver = waiver;
  }
}

void ControlEvaluation::remember() {
  std::vector<ControlMemory::Entry> entries = not_seen();
  entries.reserve(entries.size() + subjects_.size());
  for (const Subject& subject : subjects_) {
    if (subject.first_failed)
      entries.emplace_back(subject.judgement.subject, *subject.first_failed);
  }
  changed_memory_ = memory_.replace(std::move(entries));
}

// A subject that is gone is forgotten, unless it is gone because nobody could look.
std::vector<ControlMemory::Entry> ControlEvaluation::not_seen() const {
  std::vector<std::string_view> judged;
  std::vector<std::string_view> unknown;
  if (!standing_.has_unknown) return {};
  for (const Subject& subject : subjects_) {
    judged.emplace_back(subject.judgement.subject);
    if (subject.status == v1::STATUS_UNKNOWN) unknown.emplace_back(subject.judgement.subject);
  }
  std::sort(judged.begin(), judged.end());
  std::vector<ControlMemory::Entry> entries;
  for (const ControlMemory::Entry& entry : memory_.entries()) {
    const std::string_view subject = entry.first;
    if (std::binary_search(judged.begin(), judged.end(), subject)) continue;
    const auto covers = [subject](std::string_view whole) { return is_within(subject, whole); };
    if (std::any_of(unknown.begin(), unknown.end(), covers)) entries.push_back(entry);
  }
  return entries;
}

bool ControlEvaluation::is_worse(const Subject& a, const Subject& b) {
  if (a.status != b.status) return worse(a.status, b.status) == a.status;
  return std::pair(a.deadline.value_or(TimePoint::max()), std::string_view(a.judgement.subject)) <
         std::pair(b.deadline.value_or(TimePoint::max()), std::string_view(b.judgement.subject));
}

// With the file it is about: the reason ("Permission denied") does not name it.
std::string ControlEvaluation::sentence_of(const Subject& subject) {
  const Judgement& judgement = subject.judgement;
  if (!judgement.subject.starts_with('/') || subject.status == v1::STATUS_PASS) {
    return judgement.reason;
  }
  return fmt::format("{}: {}", judgement.subject, judgement.reason);
}

void ControlEvaluation::stand() {
  standing_.status = v1::STATUS_NOT_APPLICABLE;
  for (const Subject& subject : subjects_) {
    standing_.status = worse(standing_.status, subject.status);
    const bool is_open = subject.status == v1::STATUS_DUE || subject.status == v1::STATUS_FAIL;
    if (is_open && subject.first_failed) {
      standing_.unmet_since = std::min(standing_.unmet_since, *subject.first_failed);
    }
    if (is_open && subject.deadline) {
      standing_.deadline = std::min(standing_.deadline, *subject.deadline);
    }
  }
}

std::string ControlEvaluation::summary() const {
  std::string summary = output_.summary.empty() ? sentence_of(subjects_.front()) : output_.summary;
  if (standing_.status != v1::STATUS_WAIVED) return summary;
  // All that is unmet is waived: it may not read as if somebody were to act.
  const Waiver* first = nullptr;
  for (const Subject& subject : subjects_) {
    if (subject.waiver == nullptr) continue;
    if (first == nullptr || subject.waiver->ends < first->ends) first = subject.waiver;
  }
  return summary + waived_until(*first);
}

v1::Verdict ControlEvaluation::verdict() {
  std::sort(subjects_.begin(), subjects_.end(), is_worse);
  v1::Verdict verdict;
  verdict.set_control(control_.id);
  verdict.set_title(control_.title);
  verdict.set_severity(control_.severity);
  verdict.set_rule(control_.rule);
  verdict.set_policy_sha256(input_.policy.sha256);
  verdict.set_status(standing_.status);
  verdict.set_summary(summary());
  if (standing_.deadline != TimePoint::max()) {
    *verdict.mutable_deadline() = to_proto(standing_.deadline);
  }
  const TimePoint valid_until = std::min(standing_.valid_until, reads_until_);
  if (valid_until != TimePoint::max()) *verdict.mutable_valid_until() = to_proto(valid_until);
  for (const auto& [framework, ids] : control_.frameworks) {
    v1::Framework& met = *verdict.add_frameworks();
    met.set_name(framework);
    met.mutable_ids()->Assign(ids.begin(), ids.end());
  }
  verdict.set_subject_count(static_cast<uint32_t>(std::count_if(
      subjects_.begin(), subjects_.end(),
      [](const Subject& subject) { return subject.status != v1::STATUS_NOT_APPLICABLE; })));
  if (subjects_.size() > kMostSubjects) subjects_.resize(kMostSubjects);
  const std::vector<v1::Evidence> seen = evidence();
  for (Subject& subject : subjects_)
    *verdict.add_subjects() = to_message(std::move(subject), seen);
  return verdict;
}

std::vector<v1::Evidence> ControlEvaluation::evidence() const {
  std::vector<v1::Evidence> evidence;
  const RuleInput input = rule_input();
  for (const std::string& probe : output_.probes) {
    v1::Evidence& seen = evidence.emplace_back();
    seen.set_probe(probe);
    const SectionState* const section = input.section(probe);
    if (section != nullptr && section->observed_at != TimePoint{}) {
      *seen.mutable_observed_at() = to_proto(section->observed_at);
    }
  }
  return evidence;
}

v1::SubjectVerdict ControlEvaluation::to_message(Subject subject,
                                                 const std::vector<v1::Evidence>& evidence) {
  v1::SubjectVerdict verdict;
  verdict.set_status(subject.status);
  verdict.set_subject(std::move(subject.judgement.subject));
  verdict.set_reason(std::move(subject.judgement.reason));
  if (subject.waiver != nullptr) {
    verdict.set_waiver(subject.waiver->id);
    verdict.set_reason(fmt::format("{}{}: {}", verdict.reason(), waived_until(*subject.waiver),
                                   subject.waiver->reason));
  }
  if (subject.first_failed) *verdict.mutable_first_failed_at() = to_proto(*subject.first_failed);
  if (subject.deadline) *verdict.mutable_deadline() = to_proto(*subject.deadline);
  verdict.mutable_evidence()->Assign(evidence.begin(), evidence.end());
  return verdict;
}

}  // namespace muster::policy
