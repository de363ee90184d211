// Every rule there is, in one visible table. A rule judges the subjects of one host or target for
// one control; it is pure and has its own file in rules/.
#pragma once

#include <google/protobuf/arena.h>
#include <google/protobuf/message_lite.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/policy/evaluation.h"

namespace muster::policy {

// False: the bytes are not of that type.
inline bool read_facts(std::string_view bytes, google::protobuf::MessageLite& message) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// The facts of sections, each read once for all controls of an evaluation: as messages, or as views
// with a read_facts of their own where there are many (package_facts_view.h). All in one arena:
// what takes longest in judging is to make and free them.
class ParsedFacts {
 public:
  // Null where the bytes are not of that type. Lives as long as this; so must the section. A
  // section's facts are always asked for as the one type that they are of.
  template <typename Facts>
  const Facts* get(const SectionState& section) {
    for (const auto& [known, facts] : facts_) {
      if (known == &section) return static_cast<const Facts*>(facts);
    }
    Facts* facts = make<Facts>();
    if (!read_facts(section.facts, *facts)) facts = nullptr;
    facts_.emplace_back(&section, facts);
    return facts;
  }

 private:
  template <typename Facts>
  Facts* make() {
    using google::protobuf::Arena;
    if constexpr (std::is_base_of_v<google::protobuf::MessageLite, Facts>) {
      return Arena::CreateMessage<Facts>(&arena_);
    } else {
      return Arena::Create<Facts>(&arena_);
    }
  }

  google::protobuf::Arena arena_;
  std::vector<std::pair<const SectionState*, const void*>> facts_;
};

// What a rule may look at.
struct RuleInput {
  const HostView& host;
  const Control& control;
  TimePoint now;
  // The rules' own, for this evaluation.
  ParsedFacts& facts;
  // Those that select the host, of any control, active or not.
  std::span<const Waiver* const> waivers = {};
  // Of the policy; null: it has none.
  const firmware::Baseline* baselines = nullptr;

  // A parameter of the control's rule; the program ends where the rule's row has none such.
  Duration duration(std::string_view parameter) const;
  double fraction(std::string_view parameter) const;
  int64_t count(std::string_view parameter) const;
  const Globs& globs(std::string_view parameter) const;

  // The section of a probe for the host itself, or for the target; null: there never was one.
  const SectionState* section(std::string_view probe) const;
};

// What a rule says of one subject, before first-seen and deadline are applied.
struct Judgement {
  // Empty: the host itself.
  std::string subject = {};
  enum class Kind { kMet, kUnmet, kUnknown, kNotApplicable } kind = Kind::kUnknown;
  // A sentence for an operator.
  std::string reason = {};
  // When this changes by itself: a certificate that expires, facts that get too old. Later than
  // RuleInput::now.
  TimePoint holds_until = TimePoint::max();
  // When the sentence changes before that, because it tells an age.
  TimePoint reads_until = TimePoint::max();
  // Unmet only because nobody has answered lately: a heartbeat ends it, as it ends what is unknown.
  bool awaits_heartbeat = false;
  // For an unmet subject whose deadline is a date of its own (half a renewal window) and not
  // first-seen plus the control's deadline.
  std::optional<TimePoint> deadline = std::nullopt;
  // Where the source says how much this subject matters: the control's deadline for that counts.
  std::optional<v1::Severity> severity = std::nullopt;
};

struct RuleOutput {
  // Never empty: where there is nothing, one judgement of the host itself says so.
  std::vector<Judgement> judgements;
  // One sentence over all of them; empty: the reason of the worst.
  std::string summary;
  // Probes whose facts were used, for the evidence.
  std::vector<std::string> probes;
};

// The probes whose sections a rule looks at: all whose names begin so, or so. None: it looks at no
// facts.
class RuleProbes {
 public:
  constexpr RuleProbes() = default;
  constexpr explicit RuleProbes(std::string_view beginning, std::string_view other = {},
                                std::string_view third = {})
      : beginnings_{beginning, other, third} {}

  constexpr bool empty() const { return beginnings_[0].empty(); }
  constexpr bool include(std::string_view probe) const {
    for (const std::string_view beginning : beginnings_) {
      if (!beginning.empty() && probe.starts_with(beginning)) return true;
    }
    return false;
  }

 private:
  std::array<std::string_view, 3> beginnings_;
};

struct Rule {
  std::string_view name;
  // What a control with this rule may set beside what every control has.
  std::span<const Parameter> parameters;
  // Whether the control may give a deadline; false where what is unmet has a date of its own, or
  // there is nothing to wait for.
  bool has_deadline;
  RuleProbes probes;
  RuleOutput (*judge)(const RuleInput&);
  // It looks at when the host reported, which every report moves.
  bool looks_at_reports = false;
  // It looks at the waivers of other controls.
  bool looks_at_waivers = false;
  // What it judges: hosts, or targets of that kind; empty: both.
  std::string_view kind = kHostKind;
  // Another kind that it judges as well; empty: none.
  std::string_view other_kind = {};
  // It looks at the baselines of the policy.
  bool looks_at_baselines = false;

  constexpr bool judges(std::string_view wanted) const {
    return kind.empty() || kind == wanted || (!other_kind.empty() && other_kind == wanted);
  }
};

// All of them.
std::span<const Rule> all_rules();
// By name; null if there is none.
const Rule* find_rule(std::string_view name);
// What the control tells its rule, else the rule's usual value; null: the rule has no such
// parameter, or there is no such rule.
const ParameterValue* find_parameter(const Control& control, std::string_view name);

// Whether the section's facts can be judged by this control at `now`; if not, the judgement that
// says so: never reported, failed and nothing seen before, older than max_age, of a type this
// collector does not know (unknown), or not applicable. `holds_until` is when what was seen will be
// too old.
struct Freshness {
  std::optional<Judgement> verdict = std::nullopt;
  TimePoint holds_until = TimePoint::max();
};
Freshness judge_freshness(const RuleInput& input, std::string_view probe,
                          std::string_view facts_type);

}  // namespace muster::policy
