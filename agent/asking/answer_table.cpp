#include "agent/asking/answer_table.h"

#include <cstring>

namespace muster::answers {
namespace {

// Of a record: three lengths, outcome and status, its name and standard error.
constexpr size_t kMostBesideText = 5 * sizeof(uint32_t) + kMostOfName + kMostOfErrorText;

void append(std::string& bytes, uint32_t number) {
  char encoded[sizeof number];
  std::memcpy(encoded, &number, sizeof number);
  bytes.append(encoded, sizeof number);
}

void append(std::string& bytes, std::string_view text) {
  append(bytes, static_cast<uint32_t>(text.size()));
  bytes += text;
}

}  // namespace

std::string write_table(const std::vector<Answer>& answers) {
  constexpr size_t kMostOfTexts = kMostOfTable - (kMostAnswers + 1) * kMostBesideText;
  std::string bytes(kTableMagic);
  size_t texts = 0;
  for (const Answer& answer : answers) {
    const bool fits = texts + answer.text.size() <= kMostOfTexts;
    const std::string_view text = fits ? std::string_view(answer.text) : std::string_view();
    texts += text.size();
    append(bytes, answer.name);
    append(bytes, static_cast<uint32_t>(fits ? answer.outcome : Outcome::kTooLong));
    append(bytes, static_cast<uint32_t>(answer.status));
    append(bytes, text);
    append(bytes, answer.error_text);
  }
  append(bytes, std::string_view());
  return bytes;
}

}  // namespace muster::answers
