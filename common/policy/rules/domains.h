// What the rules about domains share: probes, sentences. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "common/policy/rules.h"
#include "common/policy/rules/one_section.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::policy {

inline constexpr std::string_view kDomainProbe = "domain";
inline constexpr std::string_view kLookalikesProbe = "lookalikes";

// The registration, where somebody has the domain; else null, and the output says so: that it is
// free or reserved is domain_in_force's to fail, and nothing for another rule to judge.
OneSection<v1::DomainFacts> read_registration(const RuleInput& input, RuleOutput& output);

// "example.org", printable.
std::string shown_domain(const v1::DomainFacts& facts);

// The only judgement of a rule about a registration.
void add_judgement(Judgement judgement, const OneSection<v1::DomainFacts>& section,
                   RuleOutput& output);

}  // namespace muster::policy
