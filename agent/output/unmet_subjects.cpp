#include "agent/output/unmet_subjects.h"

#include <algorithm>

namespace muster::agent {
namespace {

bool is_unmet(const v1::SubjectVerdict& subject) {
  return subject.status() == v1::STATUS_DUE || subject.status() == v1::STATUS_FAIL;
}

bool is_unknown(const v1::SubjectVerdict& subject) {
  return subject.status() == v1::STATUS_UNKNOWN;
}

std::vector<const v1::SubjectVerdict*> subjects_of(std::span<const v1::Verdict> verdicts,
                                                   std::string_view rule,
                                                   bool (*is_wanted)(const v1::SubjectVerdict&)) {
  std::vector<const v1::SubjectVerdict*> wanted;
  for (const v1::Verdict& verdict : verdicts) {
    if (verdict.rule() != rule) continue;
    for (const v1::SubjectVerdict& subject : verdict.subjects()) {
      const bool is_known = std::any_of(
          wanted.begin(), wanted.end(),
          [&subject](const auto* known) { return known->subject() == subject.subject(); });
      if (is_wanted(subject) && !is_known) wanted.push_back(&subject);
    }
  }
  return wanted;
}

}  // namespace

std::vector<const v1::SubjectVerdict*> unmet_of(std::span<const v1::Verdict> verdicts,
                                                std::string_view rule) {
  return subjects_of(verdicts, rule, is_unmet);
}

std::vector<const v1::SubjectVerdict*> unknown_of(std::span<const v1::Verdict> verdicts,
                                                  std::string_view rule) {
  return subjects_of(verdicts, rule, is_unknown);
}

bool is_said(std::string_view text, std::span<const v1::Verdict> verdicts) {
  const auto is_in = [text](const std::string& whole) {
    return whole.find(text) != std::string::npos;
  };
  return std::any_of(verdicts.begin(), verdicts.end(), [&is_in](const v1::Verdict& verdict) {
    return is_in(verdict.summary()) ||
           std::any_of(verdict.subjects().begin(), verdict.subjects().end(),
                       [&is_in](const auto& subject) { return is_in(subject.reason()); });
  });
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  if (text.front() >= 'a' && text.front() <= 'z') text.front() -= 'a' - 'A';
  if (!text.ends_with('.')) text += '.';
  return text;
}

}  // namespace muster::agent
