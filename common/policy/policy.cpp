#include "common/policy/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/policy/rules.h"
#include "common/policy/rules/times.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

// Subjects in a verdict, as fleet.proto promises. Beyond them only the memory goes on.
constexpr size_t kMostSubjects = 1000;
constexpr size_t kLongestReason = 1024;

using Kind = Judgement::Kind;

// Of two judgements of one subject, the one that counts.
int badness(Kind kind) {
  switch (kind) {
    case Kind::kNotApplicable:
      return 0;
    case Kind::kMet:
      return 1;
    case Kind::kUnknown:
      return 2;
    case Kind::kUnmet:
      return 3;
  }
  return 3;
}

// The host's memory of one control.
class Memory {
 public:
  Memory(const FirstSeen& all, std::string_view control) {
    // Entities sort first, then controls: this host's memory of the control is one range.
    const SubjectKey begin{.entity = "", .control = std::string(control), .subject = ""};
    for (auto it = all.lower_bound(begin); it != all.end(); ++it) {
      if (!it->first.entity.empty() || it->first.control != control) break;
      seen_.emplace(it->first.subject, it->second);
    }
  }
  std::optional<TimePoint> find(const std::string& subject) const {
    const auto it = seen_.find(subject);
    return it == seen_.end() ? std::nullopt : std::optional(it->second);
  }
  const std::map<std::string, TimePoint>& seen() const { return seen_; }

 private:
  std::map<std::string, TimePoint> seen_;
};

// Whether `subject` could not be seen because `whole` could not: the host itself is the whole of
// everything, a directory of its files, a file of its certificates.
bool is_within(const std::string& subject, const std::string& whole) {
  if (whole.empty()) return true;
  return subject.size() > whole.size() && subject.starts_with(whole) &&
         (subject[whole.size()] == '/' || subject[whole.size()] == '#');
}

// Judges one control and keeps its part of the memory.
class ControlEvaluation {
 public:
  ControlEvaluation(const HostView& host, const FirstSeen& first_seen, const Control& control,
                    TimePoint now, bool with_subjects, ParsedFacts& facts, Evaluation& evaluation)
      : host_(host),
        control_(control),
        now_(now),
        with_subjects_(with_subjects),
        facts_(facts),
        memory_(first_seen, control.id),
        evaluation_(evaluation) {}

  // Takes over what was said before.
  void keep(const v1::Verdict& verdict, const Evaluation::Hold& hold) {
    for (const auto& [subject, since] : memory_.seen())
      remember(subject, since);
    hold_ = hold;
    add(verdict);
  }

  void run() {
    RuleOutput output = judge();
    for (const Judgement& judgement : output.judgements)
      holds_until(judgement.holds_until);
    merge_doubled_subjects(output.judgements);
    if (with_subjects_) add_evidence(output.probes);
    std::vector<v1::SubjectVerdict> subjects;
    subjects.reserve(output.judgements.size());
    for (Judgement& judgement : output.judgements) {
      subjects.push_back(subject_verdict(std::move(judgement)));
    }
    keep_what_could_not_be_seen(subjects);
    sort_worst_first(subjects);
    for (const v1::SubjectVerdict& subject : subjects)
      hold_.has_unknown = hold_.has_unknown || subject.status() == v1::STATUS_UNKNOWN;
    add(verdict_of(std::move(subjects), output.summary));
  }

 private:
  void add(v1::Verdict verdict) {
    evaluation_.valid_until = std::min(evaluation_.valid_until, hold_.valid_until);
    evaluation_.holds.push_back(hold_);
    evaluation_.verdicts.push_back(std::move(verdict));
  }

  RuleInput input() const {
    return {.host = host_, .control = control_, .now = now_, .facts = facts_};
  }

  RuleOutput judge() const {
    const Rule* const rule = find_rule(control_.rule);
    RuleOutput output;
    if (rule != nullptr) output = rule->judge(input());
    if (output.judgements.empty()) {
      output.judgements.push_back(
          {.reason = rule == nullptr ? fmt::format("there is no rule '{}'", control_.rule)
                                     : "the rule said nothing"});
    }
    return output;
  }

  // A subject is judged once: of two packages with one name from two managers, and of what a
  // broken probe says twice, the worse counts.
  static void merge_doubled_subjects(std::vector<Judgement>& judgements) {
    std::map<std::string, size_t> places;
    std::vector<Judgement> merged;
    merged.reserve(judgements.size());
    for (Judgement& judgement : judgements) {
      const auto [place, is_new] = places.emplace(judgement.subject, merged.size());
      if (is_new) {
        merged.push_back(std::move(judgement));
        continue;
      }
      Judgement& before = merged[place->second];
      if (badness(judgement.kind) > badness(before.kind)) {
        before = std::move(judgement);
      } else if (before.kind == Kind::kUnknown && judgement.kind == Kind::kUnknown) {
        // Two probes that could not look are two things to repair.
        before.reason = truncate_utf8(before.reason + "; " + judgement.reason, kLongestReason);
      }
    }
    judgements = std::move(merged);
  }

  void add_evidence(const std::vector<std::string>& probes) {
    for (const std::string& probe : probes) {
      v1::Evidence& evidence = evidence_.emplace_back();
      evidence.set_probe(probe);
      const SectionState* const section = input().section(probe);
      if (section != nullptr && section->observed_at != TimePoint{}) {
        *evidence.mutable_observed_at() = to_proto(section->observed_at);
      }
    }
  }

  // What holds until `time` is judged again then. A time that has passed would have the caller
  // judge without end, so it counts as never.
  void holds_until(TimePoint time) {
    if (time > now_) hold_.valid_until = std::min(hold_.valid_until, time);
  }

  void remember(const std::string& subject, TimePoint since) {
    evaluation_.first_seen.insert_or_assign(
        SubjectKey{.entity = "", .control = control_.id, .subject = subject}, since);
  }

  v1::SubjectVerdict subject_verdict(Judgement judgement) {
    v1::SubjectVerdict verdict;
    const std::optional<TimePoint> seen = memory_.find(judgement.subject);
    switch (judgement.kind) {
      case Kind::kMet:
        verdict.set_status(v1::STATUS_PASS);
        break;
      case Kind::kNotApplicable:
        verdict.set_status(v1::STATUS_NOT_APPLICABLE);
        break;
      case Kind::kUnknown:
        verdict.set_status(v1::STATUS_UNKNOWN);
        if (seen) {
          remember(judgement.subject, *seen);
          *verdict.mutable_first_failed_at() = to_proto(*seen);
        }
        break;
      case Kind::kUnmet:
        judge_unmet(judgement, std::min(seen.value_or(now_), now_), verdict);
        break;
    }
    verdict.set_subject(std::move(judgement.subject));
    verdict.set_reason(std::move(judgement.reason));
    verdict.mutable_evidence()->Assign(evidence_.begin(), evidence_.end());
    return verdict;
  }

  void judge_unmet(const Judgement& judgement, TimePoint first_failed,
                   v1::SubjectVerdict& verdict) {
    remember(judgement.subject, first_failed);
    *verdict.mutable_first_failed_at() = to_proto(first_failed);
    const bool has_deadline = judgement.deadline || control_.deadline > Duration::zero();
    const TimePoint deadline =
        judgement.deadline.value_or(saturating_add(first_failed, control_.deadline));
    if (has_deadline) *verdict.mutable_deadline() = to_proto(deadline);
    if (now_ < deadline) {
      verdict.set_status(v1::STATUS_DUE);
      holds_until(deadline);
    } else {
      verdict.set_status(v1::STATUS_FAIL);
    }
  }

  // A subject that is gone is forgotten, unless it is gone because nobody could look.
  void keep_what_could_not_be_seen(const std::vector<v1::SubjectVerdict>& subjects) {
    std::vector<std::string> judged;
    std::vector<std::string> unseen;
    for (const v1::SubjectVerdict& subject : subjects) {
      judged.push_back(subject.subject());
      if (subject.status() == v1::STATUS_UNKNOWN) unseen.push_back(subject.subject());
    }
    std::sort(judged.begin(), judged.end());
    for (const auto& [subject, since] : memory_.seen()) {
      if (std::binary_search(judged.begin(), judged.end(), subject)) continue;
      const auto covers = [&subject = subject](const std::string& whole) {
        return is_within(subject, whole);
      };
      if (std::any_of(unseen.begin(), unseen.end(), covers)) remember(subject, since);
    }
  }

  static void sort_worst_first(std::vector<v1::SubjectVerdict>& subjects) {
    const auto deadline = [](const v1::SubjectVerdict& subject) {
      return subject.has_deadline() ? from_proto(subject.deadline()) : TimePoint::max();
    };
    std::stable_sort(subjects.begin(), subjects.end(),
                     [&deadline](const v1::SubjectVerdict& a, const v1::SubjectVerdict& b) {
                       if (a.status() != b.status())
                         return worse(a.status(), b.status()) == a.status();
                       return std::pair(deadline(a), std::string_view(a.subject())) <
                              std::pair(deadline(b), std::string_view(b.subject()));
                     });
  }

  // With the file it is about: the reason ("Permission denied") does not name it.
  static std::string sentence_of(const v1::SubjectVerdict& subject) {
    if (!subject.subject().starts_with('/') || subject.status() == v1::STATUS_PASS) {
      return subject.reason();
    }
    return fmt::format("{}: {}", subject.subject(), subject.reason());
  }

  v1::Verdict verdict_of(std::vector<v1::SubjectVerdict> subjects,
                         const std::string& summary) const {
    v1::Verdict verdict;
    verdict.set_control(control_.id);
    verdict.set_title(control_.title);
    verdict.set_severity(control_.severity);
    verdict.set_status(subjects.front().status());
    verdict.set_summary(summary.empty() ? sentence_of(subjects.front()) : summary);
    TimePoint earliest = TimePoint::max();
    size_t judged = 0;
    for (const v1::SubjectVerdict& subject : subjects) {
      if (subject.status() != v1::STATUS_NOT_APPLICABLE) ++judged;
      if (subject.has_deadline()) earliest = std::min(earliest, from_proto(subject.deadline()));
    }
    if (earliest != TimePoint::max()) *verdict.mutable_deadline() = to_proto(earliest);
    verdict.set_subject_count(static_cast<uint32_t>(judged));
    if (!with_subjects_) return verdict;
    if (subjects.size() > kMostSubjects) subjects.resize(kMostSubjects);
    for (v1::SubjectVerdict& subject : subjects)
      *verdict.add_subjects() = std::move(subject);
    return verdict;
  }

  const HostView& host_;
  const Control& control_;
  TimePoint now_;
  bool with_subjects_;
  ParsedFacts& facts_;
  Evaluation::Hold hold_;
  Memory memory_;
  Evaluation& evaluation_;
  std::vector<v1::Evidence> evidence_;
};

// Whether the control's earlier verdict may stay.
bool still_holds(const Control& control, const Evaluation::Hold& hold, TimePoint now,
                 std::span<const std::string_view> changed) {
  const Rule* const rule = find_rule(control.rule);
  // Without probes it looks at the host itself, whose times have moved.
  if (rule == nullptr || rule->probes.empty()) return false;
  if (hold.has_unknown || now >= hold.valid_until) return false;
  return std::none_of(changed.begin(), changed.end(),
                      [rule](std::string_view probe) { return probe.starts_with(rule->probes); });
}

}  // namespace

Evaluation evaluate(const HostView& host, const FirstSeen& first_seen, const Policy& policy,
                    TimePoint now) {
  Evaluation evaluation;
  evaluation.verdicts.reserve(policy.controls.size());
  ParsedFacts facts;
  for (const Control& control : policy.controls) {
    ControlEvaluation(host, first_seen, control, now, true, facts, evaluation).run();
  }
  return evaluation;
}

Evaluation evaluate_changed(const HostView& host, const FirstSeen& first_seen, const Policy& policy,
                            TimePoint now, const Earlier& earlier,
                            std::span<const std::string_view> changed) {
  Evaluation evaluation;
  evaluation.verdicts.reserve(policy.controls.size());
  evaluation.holds.reserve(policy.controls.size());
  ParsedFacts facts;
  const bool comparable = earlier.holds.size() == policy.controls.size() &&
                          earlier.verdicts.size() == policy.controls.size();
  for (size_t i = 0; i < policy.controls.size(); ++i) {
    ControlEvaluation control(host, first_seen, policy.controls[i], now, false, facts, evaluation);
    if (comparable && still_holds(policy.controls[i], earlier.holds[i], now, changed)) {
      control.keep(earlier.verdicts[i], earlier.holds[i]);
    } else {
      control.run();
    }
  }
  return evaluation;
}

}  // namespace muster::policy
