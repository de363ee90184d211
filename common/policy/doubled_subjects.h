// A subject is judged once, however often a rule judges it. Pure.
#pragma once

#include <vector>

#include "common/policy/rules.h"

namespace muster::policy {

// Of two packages with one name from two managers, and of what a broken probe says twice, the worse
// counts; two that could not look are both told of.
void merge_doubled_subjects(std::vector<Judgement>& judgements);

}  // namespace muster::policy
