// Every rule in words, in one visible table: what it asks of a host, and what to do where that is
// not met. Pure; any thread.
#pragma once

#include <string_view>

namespace muster::collector {

struct RuleWords {
  // Name of a rule in common/policy/rules.h.
  std::string_view rule;
  // A sentence; the parameters are told beside it.
  std::string_view asks;
  // A sentence.
  std::string_view remedy;
};

// Of a rule that has no row, which a test forbids: empty sentences.
RuleWords words_of_rule(std::string_view rule);

}  // namespace muster::collector
