// The products that protect a host, as the rules about antivirus and intrusion detection judge
// them: where there is none, where one may be missing, and what to say of a fact that a product
// does not have or that could not be read. Pure; any thread.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "common/policy/rules.h"
#include "muster/v1/protection_facts.pb.h"

namespace muster::policy {

using Product = v1::ProtectionProduct;

// "antivirus", "intrusion detection": what the products of a probe are, in a sentence.
std::string_view kind_of_products(std::string_view probe);

// "ClamAV", and "clamav", which is the subject.
std::string name_of(const Product& product);
std::string subject_of(const Product& product);
// Text of a product as a sentence may have it.
std::string words_of(std::string_view text);

// A judgement of that subject, "ClamAV: <reason>".
Judgement judgement_of(const Product& product, Judgement::Kind kind, std::string_view reason);

// Why the fact of that field could not be read; nothing: it was read, or the product has no such.
std::optional<std::string> why_unread(const Product& product, std::string_view fact);

// Of a fact that is absent: unknown where one of these fields could not be read ("`what` could not
// be read: why"), else not applicable, because `none`.
Judgement judge_absent(const Product& product, std::initializer_list<std::string_view> facts,
                       std::string_view what, std::string_view none);

// Of the two sections, which have the same fields.
struct ProtectionSection {
  // Null where the output says already all there is to say.
  const google::protobuf::RepeatedPtrField<Product>* products = nullptr;
  // Why a product may be missing; empty: none is.
  std::string problem = {};
  TimePoint holds_until = TimePoint::max();
};
ProtectionSection read_protection(const RuleInput& input, std::string_view probe,
                                  RuleOutput& output);
// Each of its products as it was read: a fact in `unread` is absent, whatever stands beside it.
// What is given lives as long as that call.
void visit_products(const ProtectionSection& section,
                    const std::function<void(const Product&)>& visit);

// Judges each product of these probes. Where there is none, that does not apply; where one may be
// missing, the host itself is unknown beside those that are seen.
using JudgeProduct = std::function<void(const Product&, RuleOutput&)>;
RuleOutput judge_products(const RuleInput& input, std::initializer_list<std::string_view> probes,
                          const JudgeProduct& judge);
// The same where there is one judgement of each.
using JudgeProductOnce = std::function<Judgement(const Product&)>;
RuleOutput judge_each_product(const RuleInput& input,
                              std::initializer_list<std::string_view> probes,
                              const JudgeProductOnce& judge);

}  // namespace muster::policy
