#include "agent/asking/answer_table_reader.h"

#include <cstring>
#include <utility>

namespace muster::answers {
namespace {

// Takes from the front; once something was not there, nothing is.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  uint32_t number() {
    uint32_t value = 0;
    if (rest_.size() < sizeof value) return fail();
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }

  std::string text(size_t most) {
    const uint32_t size = number();
    if (size > most || rest_.size() < size) fail();
    std::string value(rest_.substr(0, good_ ? size : 0));
    rest_.remove_prefix(value.size());
    return value;
  }

  uint32_t fail() {
    good_ = false;
    rest_ = {};
    return 0;
  }

  bool is_good() const { return good_; }
  bool is_at_the_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

absl::StatusOr<std::vector<Answer>> parse_table(std::string_view bytes) {
  const auto broken = [](std::string_view why) {
    return absl::InvalidArgumentError(absl::string_view(why.data(), why.size()));
  };
  if (bytes.size() > kMostOfTable) return broken("it is larger than a table of answers may be");
  if (bytes.empty()) return broken("muster-answers ended before it answered");
  if (!bytes.starts_with(kTableMagic)) return broken("it is no table of answers of this version");
  bytes.remove_prefix(kTableMagic.size());
  Reader reader(bytes);
  std::vector<Answer> answers;
  for (;;) {
    Answer answer;
    answer.name = reader.text(kMostOfName);
    if (!reader.is_good()) return broken("the table of answers ends too early");
    if (answer.name.empty()) break;
    const uint32_t outcome = reader.number();
    answer.outcome = static_cast<Outcome>(outcome < kOutcomes ? outcome : reader.fail());
    answer.status = static_cast<int32_t>(reader.number());
    answer.text = reader.text(kMostOfAnswer);
    answer.error_text = reader.text(kMostOfErrorText);
    if (!reader.is_good()) return broken("a record of the table of answers is out of its bounds");
    if (answers.size() == kMostAnswers) return broken("there are too many answers");
    answers.push_back(std::move(answer));
  }
  if (!reader.is_at_the_end()) return broken("something follows the table of answers");
  return answers;
}

}  // namespace muster::answers
