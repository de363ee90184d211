// microcode_uniform: processors of one kind run one revision of microcode. Where they do not, an
// update went by halves, or a processor was exchanged: what an older revision leaves open is open,
// and what Linux found out on one processor need not be so on another.
#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/firmware_components.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kMostShown = 4;
constexpr std::string_view kSource = "/proc/cpuinfo";

// The processors of one kind, by their revision; an empty one is not known.
using Revisions = std::map<std::string, FewTexts>;

std::string processors_of(const FewTexts& names) {
  return names.empty() ? "some processors" : names.joined();
}

Judgement judge_kind(const std::string& model, const Revisions& revisions) {
  Judgement judgement{.subject = model.empty() ? "processors" : printable(model, 128)};
  FewTexts clauses(kMostShown);
  for (const auto& [revision, names] : revisions) {
    clauses.add(
        fmt::format("{} on {}",
                    revision.empty() ? "a revision that is not known" : printable(revision, 128),
                    processors_of(names)),
        1024);
  }
  judgement.reason = fmt::format("runs {}", clauses.joined("; "));
  const bool is_one_not_known = revisions.contains("");
  if (revisions.size() > (is_one_not_known ? 2 : 1)) {
    judgement.kind = Kind::kUnmet;
  } else {
    judgement.kind = is_one_not_known ? Kind::kUnknown : Kind::kMet;
  }
  return judgement;
}

}  // namespace

RuleOutput judge_microcode_uniform(const RuleInput& input) {
  RuleOutput output;
  if (is_no_machine(input)) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable,
         .reason = "it is no machine of its own: its microcode is its host's"});
    return output;
  }
  const auto section = read_one_section<v1::FirmwareFacts>(input, kFirmwareProbe, output);
  if (section.facts == nullptr) return output;
  std::map<std::string, Revisions> kinds;
  for (const v1::FirmwareComponent& component : section.facts->components()) {
    if (component.kind() != v1::FIRMWARE_KIND_MICROCODE) continue;
    const auto [revision, is_new] =
        kinds[component.model()].try_emplace(component.version(), kMostShown);
    revision->second.add(component.name(), 256);
  }
  for (const auto& [model, revisions] : kinds)
    output.judgements.push_back(judge_kind(model, revisions));
  if (std::optional<Judgement> unread = judge_unread(section.facts->unreadable(), kSource))
    output.judgements.push_back(*std::move(unread));
  if (output.judgements.empty()) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable, .reason = "its kernel tells of no microcode"});
  }
  for (Judgement& judgement : output.judgements)
    judgement.holds_until = section.holds_until;
  output.summary =
      machine_summary(output.judgements, "kinds of processors",
                      "run several revisions of microcode", "run one revision of microcode each");
  return output;
}

}  // namespace muster::policy
