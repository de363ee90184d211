#include "agent/output/certificate_sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "agent/output/unmet_subjects.h"
#include "common/text.h"

namespace muster::agent {
namespace {

// Of one rule; a host may have hundreds of keys.
constexpr size_t kShownSubjects = 5;

// A path is written as it is.
void add(std::string text, std::vector<std::string>& sentences) {
  if (!text.ends_with('.')) text += '.';
  sentences.push_back(std::move(text));
}

// `names_subject`: the reason does not.
void add_rule(std::span<const v1::Verdict> verdicts, std::string_view rule, bool names_subject,
              std::string_view what_more, std::vector<std::string>& sentences) {
  std::vector<std::string> texts;
  for (const v1::SubjectVerdict* const subject : unmet_of(verdicts, rule)) {
    std::string text =
        printable(names_subject ? fmt::format("{}: {}", subject->subject(), subject->reason())
                                : subject->reason(),
                  kShownReason);
    // One certificate is served for many names.
    if (std::find(texts.begin(), texts.end(), text) == texts.end())
      texts.push_back(std::move(text));
  }
  const size_t shown = std::min(texts.size(), kShownSubjects);
  for (size_t i = 0; i < shown; ++i)
    add(std::move(texts[i]), sentences);
  if (shown < texts.size())
    add(fmt::format("And {} more {}", texts.size() - shown, what_more), sentences);
}

}  // namespace

std::vector<std::string> certificate_sentences(std::span<const v1::Verdict> verdicts) {
  std::vector<std::string> sentences;
  add_rule(verdicts, "served_is_on_disk", false, "that are renewed and not served", sentences);
  add_rule(verdicts, "keys_match", true, "whose keys are others'", sentences);
  add_rule(verdicts, "key_files_private", true, "keys that others can read", sentences);
  return sentences;
}

}  // namespace muster::agent
