// exclusions_allowed: each product looks at everything but what `allowed` names: globs over an
// exclusion ("path /proc"), or over the subject ("clamav: path /srv/db"). A path with ".." is never
// allowed: it leaves what the glob names.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "common/counted.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/protection.h"
#include "common/policy/selector.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kExclusionsInSummary = 3;
constexpr size_t kLongestExclusion = 300;

bool climbs(std::string_view value) {
  for (size_t at = value.find(".."); at != std::string_view::npos; at = value.find("..", at + 1)) {
    const bool begins = at == 0 || value[at - 1] == '/';
    if (begins && (at + 2 == value.size() || value[at + 2] == '/')) return true;
  }
  return false;
}

// The glob that allows it; null: none does.
const std::string* allowing(const Globs& allowed, const v1::Exclusion& exclusion,
                            const std::string& words, const std::string& subject) {
  if (climbs(exclusion.value())) return nullptr;
  const auto glob = std::find_if(allowed.begin(), allowed.end(), [&](const std::string& one) {
    return matches_glob(one, words) || matches_glob(one, subject);
  });
  return glob == allowed.end() ? nullptr : &*glob;
}

Judgement judge_exclusion(const Product& product, const v1::Exclusion& exclusion,
                          const Globs& allowed) {
  const std::string words = printable(
      fmt::format("{} {}", exclusion.kind().empty() ? "path" : exclusion.kind(), exclusion.value()),
      kLongestExclusion);
  const std::string subject = fmt::format("{}: {}", subject_of(product), words);
  const std::string* const glob = allowing(allowed, exclusion, words, subject);
  Judgement judgement =
      glob != nullptr
          ? judgement_of(product, Kind::kMet, fmt::format("{} is allowed by \"{}\"", words, *glob))
          : judgement_of(product, Kind::kUnmet,
                         fmt::format("{} is excluded, and the policy does not allow it", words));
  judgement.subject = subject;
  return judgement;
}

void judge_product(const Product& product, const Globs& allowed, RuleOutput& output) {
  for (const v1::Exclusion& exclusion : product.exclusions())
    output.judgements.push_back(judge_exclusion(product, exclusion, allowed));
  const auto shown = static_cast<uint32_t>(product.exclusions_size());
  const bool is_unread =
      why_unread(product, "exclusions") || why_unread(product, "exclusion_count");
  if (product.exclusion_count() > shown) {
    output.judgements.push_back(
        judgement_of(product, Kind::kUnknown,
                     fmt::format("{} more exclusions are not named: it has {} in all",
                                 product.exclusion_count() - shown, product.exclusion_count())));
  } else if (is_unread || (shown == 0 && !product.has_exclusion_count())) {
    output.judgements.push_back(
        judge_absent(product, {"exclusions", "exclusion_count"}, "its exclusions",
                     "on the host it tells nothing of exclusions: see its console"));
  } else if (shown == 0) {
    output.judgements.push_back(judgement_of(product, Kind::kMet, "it excludes nothing"));
  }
}

// Of several that are not allowed.
void summarize(RuleOutput& output) {
  FewTexts names(kExclusionsInSummary);
  for (const Judgement& judgement : output.judgements) {
    if (judgement.kind == Kind::kUnmet) names.add(judgement.subject, kLongestExclusion);
  }
  if (names.size() < 2) return;
  output.summary =
      fmt::format("{} are not allowed: {}", counted(names.size(), "exclusion"), names.joined());
}

}  // namespace

RuleOutput judge_exclusions_allowed(const RuleInput& input) {
  const Globs& allowed = input.globs("allowed");
  RuleOutput output = judge_products(input, {kAntivirusProbe},
                                     [&allowed](const Product& product, RuleOutput& judged) {
                                       judge_product(product, allowed, judged);
                                     });
  summarize(output);
  return output;
}

}  // namespace muster::policy
