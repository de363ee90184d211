#include "agent/output/unmet_subjects.h"

#include <algorithm>

namespace muster::agent {
namespace {

bool is_unmet(const v1::SubjectVerdict& subject) {
  return subject.status() == v1::STATUS_DUE || subject.status() == v1::STATUS_FAIL;
}

}  // namespace

std::vector<const v1::SubjectVerdict*> unmet_of(std::span<const v1::Verdict> verdicts,
                                                std::string_view rule) {
  std::vector<const v1::SubjectVerdict*> unmet;
  for (const v1::Verdict& verdict : verdicts) {
    if (verdict.rule() != rule) continue;
    for (const v1::SubjectVerdict& subject : verdict.subjects()) {
      const bool is_known = std::any_of(unmet.begin(), unmet.end(), [&subject](const auto* known) {
        return known->subject() == subject.subject();
      });
      if (is_unmet(subject) && !is_known) unmet.push_back(&subject);
    }
  }
  return unmet;
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  if (text.front() >= 'a' && text.front() <= 'z') text.front() -= 'a' - 'A';
  if (!text.ends_with('.')) text += '.';
  return text;
}

}  // namespace muster::agent
