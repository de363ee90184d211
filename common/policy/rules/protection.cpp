#include "common/policy/rules/protection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestName = 64;
constexpr size_t kLongestWords = 256;
constexpr size_t kProblemsInReason = 3;

template <typename Facts>
ProtectionSection read_facts_of(const RuleInput& input, std::string_view probe,
                                RuleOutput& output) {
  const auto section = read_one_section<Facts>(input, probe, output);
  ProtectionSection protection{.holds_until = section.holds_until};
  if (section.facts == nullptr) return protection;
  protection.products = &section.facts->products();
  FewTexts problems(kProblemsInReason);
  for (const std::string& problem : section.facts->problems())
    problems.add(problem, kLongestWords);
  if (!problems.empty()) protection.problem = problems.joined();
  return protection;
}

// The field of a fact that could not be read, where it stands there all the same; null: it does
// not. Of a list, what was read of it was read.
const google::protobuf::FieldDescriptor* field_beside(const Product& product,
                                                      const v1::UnreadFact& unread) {
  const auto* const field = Product::descriptor()->FindFieldByName(unread.fact());
  if (field == nullptr || field->is_repeated()) return nullptr;
  return product.GetReflection()->HasField(product, field) ? field : nullptr;
}

bool contradicts_itself(const Product& product) {
  return std::any_of(product.unread().begin(), product.unread().end(),
                     [&product](const v1::UnreadFact& unread) {
                       return field_beside(product, unread) != nullptr;
                     });
}

Product without_unread(const Product& product) {
  Product read = product;
  for (const v1::UnreadFact& unread : product.unread()) {
    const auto* const field = field_beside(product, unread);
    if (field != nullptr) read.GetReflection()->ClearField(&read, field);
  }
  return read;
}

// That none is installed, of all the probes that were asked.
Judgement judge_none(const std::vector<std::string_view>& kinds, TimePoint holds_until) {
  return {.kind = Kind::kNotApplicable,
          .reason = fmt::format("no {} is installed", fmt::join(kinds, " and no ")),
          .holds_until = holds_until};
}

}  // namespace

std::string_view kind_of_products(std::string_view probe) {
  return probe == kAntivirusProbe ? "antivirus" : "intrusion detection";
}

std::string name_of(const Product& product) {
  return printable(product.name().empty() ? product.product() : product.name(), kLongestName);
}

std::string subject_of(const Product& product) {
  return printable(product.product().empty() ? product.name() : product.product(), kLongestName);
}

std::string words_of(std::string_view text) {
  return printable(trim(text), kLongestWords);
}

Judgement judgement_of(const Product& product, Kind kind, std::string_view reason) {
  return {.subject = subject_of(product),
          .kind = kind,
          .reason = fmt::format("{}: {}", name_of(product), reason)};
}

std::optional<std::string> why_unread(const Product& product, std::string_view fact) {
  for (const v1::UnreadFact& unread : product.unread()) {
    if (unread.fact() != fact) continue;
    return unread.reason().empty() ? "the probe gave no reason" : words_of(unread.reason());
  }
  return std::nullopt;
}

Judgement judge_absent(const Product& product, std::initializer_list<std::string_view> facts,
                       std::string_view what, std::string_view none) {
  for (const std::string_view fact : facts) {
    const std::optional<std::string> why = why_unread(product, fact);
    if (!why) continue;
    return judgement_of(product, Kind::kUnknown,
                        fmt::format("{} could not be read: {}", what, *why));
  }
  return judgement_of(product, Kind::kNotApplicable, none);
}

ProtectionSection read_protection(const RuleInput& input, std::string_view probe,
                                  RuleOutput& output) {
  return probe == kAntivirusProbe
             ? read_facts_of<v1::AntivirusFacts>(input, probe, output)
             : read_facts_of<v1::IntrusionDetectionFacts>(input, probe, output);
}

void visit_products(const ProtectionSection& section,
                    const std::function<void(const Product&)>& visit) {
  for (const Product& product : *section.products) {
    if (contradicts_itself(product)) {
      visit(without_unread(product));
    } else {
      visit(product);
    }
  }
}

RuleOutput judge_products(const RuleInput& input, std::initializer_list<std::string_view> probes,
                          const JudgeProduct& judge) {
  RuleOutput output;
  std::vector<std::string_view> none;
  TimePoint none_until = TimePoint::max();
  for (const std::string_view probe : probes) {
    const ProtectionSection section = read_protection(input, probe, output);
    if (section.products == nullptr) continue;
    const size_t first = output.judgements.size();
    visit_products(section, [&](const Product& product) { judge(product, output); });
    if (!section.problem.empty()) {
      output.judgements.push_back(
          {.reason =
               fmt::format("{} may be missing: {}", kind_of_products(probe), section.problem)});
    } else if (section.products->empty()) {
      none.push_back(kind_of_products(probe));
      none_until = std::min(none_until, section.holds_until);
    }
    for (size_t i = first; i < output.judgements.size(); ++i) {
      TimePoint& holds_until = output.judgements[i].holds_until;
      holds_until = std::min(holds_until, section.holds_until);
    }
  }
  // Beside products of another probe there is nothing to say of it but when to look again.
  if (!none.empty()) {
    if (output.judgements.empty()) {
      output.judgements.push_back(judge_none(none, none_until));
    } else {
      TimePoint& holds_until = output.judgements.front().holds_until;
      holds_until = std::min(holds_until, none_until);
    }
  }
  return output;
}

RuleOutput judge_each_product(const RuleInput& input,
                              std::initializer_list<std::string_view> probes,
                              const JudgeProductOnce& judge) {
  return judge_products(input, probes, [&judge](const Product& product, RuleOutput& output) {
    output.judgements.push_back(judge(product));
  });
}

}  // namespace muster::policy
