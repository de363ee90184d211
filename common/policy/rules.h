// Every rule there is, in one visible table. A rule judges the subjects of one host for one
// control; it is pure and has its own file in rules/.
#pragma once

#include <google/protobuf/arena.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/policy/policy.h"

namespace muster::policy {

// The facts of sections as messages, each parsed once for all controls of an evaluation, in one
// arena: what takes longest in judging is to make and free them.
class ParsedFacts {
 public:
  // Null where the bytes are not of that type. Lives as long as this; so must the section. A
  // section's facts are always asked for as the one type that they are of.
  template <typename Facts>
  const Facts* get(const SectionState& section) {
    for (const auto& [known, message] : messages_) {
      if (known == &section) return static_cast<const Facts*>(message);
    }
    auto* facts = google::protobuf::Arena::CreateMessage<Facts>(&arena_);
    if (!facts->ParseFromString(section.facts)) facts = nullptr;
    messages_.emplace_back(&section, facts);
    return facts;
  }

 private:
  static google::protobuf::ArenaOptions options() {
    google::protobuf::ArenaOptions options;
    // The usual list of updates fits into the first block.
    options.start_block_size = 16 << 10;
    options.max_block_size = 64 << 10;
    return options;
  }

  google::protobuf::Arena arena_{options()};
  std::vector<std::pair<const SectionState*, const google::protobuf::MessageLite*>> messages_;
};

// What a rule may look at.
struct RuleInput {
  const HostView& host;
  const Control& control;
  TimePoint now;
  // The rules' own, for this evaluation.
  ParsedFacts& facts;

  // The section of a probe for the host itself, or null: it never reported one.
  const SectionState* section(std::string_view probe) const;
};

// What a rule says of one subject, before first-seen and deadline are applied.
struct Judgement {
  // Empty: the host itself.
  std::string subject = {};
  enum class Kind { kMet, kUnmet, kUnknown, kNotApplicable } kind = Kind::kUnknown;
  // A sentence for an operator.
  std::string reason = {};
  // When this changes by itself: a certificate that expires, a sentence that tells an age. Later
  // than RuleInput::now.
  TimePoint holds_until = TimePoint::max();
  // For an unmet subject whose deadline is a date of its own (half a renewal window) and not
  // first-seen plus the control's deadline.
  std::optional<TimePoint> deadline = std::nullopt;
};

struct RuleOutput {
  // Never empty: where there is nothing, one judgement of the host itself says so.
  std::vector<Judgement> judgements;
  // One sentence over all of them; empty: the reason of the worst.
  std::string summary;
  // Probes whose facts were used, for the evidence.
  std::vector<std::string> probes;
};

struct Rule {
  std::string_view name;
  // Keys a control with this rule may set beside id, title, rule, severity and max_age.
  std::span<const std::string_view> parameters;
  // The probes whose sections it looks at: all whose names begin so. Empty: none.
  std::string_view probes;
  RuleOutput (*judge)(const RuleInput&);
};

// All of them.
std::span<const Rule> all_rules();
// By name; null if there is none.
const Rule* find_rule(std::string_view name);

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
