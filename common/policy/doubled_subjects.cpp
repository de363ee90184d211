#include "common/policy/doubled_subjects.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestReason = 1024;

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

bool has_doubled_subjects(const std::vector<Judgement>& judgements) {
  std::vector<std::string_view> subjects;
  subjects.reserve(judgements.size());
  for (const Judgement& judgement : judgements)
    subjects.push_back(judgement.subject);
  std::sort(subjects.begin(), subjects.end());
  return std::adjacent_find(subjects.begin(), subjects.end()) != subjects.end();
}

}  // namespace

void merge_doubled_subjects(std::vector<Judgement>& judgements) {
  if (!has_doubled_subjects(judgements)) return;
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

}  // namespace muster::policy
