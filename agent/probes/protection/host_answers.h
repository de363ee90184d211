// What the host answered to the fixed questions of agent/answers, as a probe is given it: on a
// descriptor by the launcher, or by starting muster-answers where somebody runs the probe by hand.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/asking/answer_table.h"

namespace muster::probe {

class HostAnswers {
 public:
  // Nobody was asked, and why: "an image at rest answers nothing".
  explicit HostAnswers(std::string why_not);
  explicit HostAnswers(std::vector<answers::Answer> answers);

  // Null: it was not asked; why_not() says why.
  const answers::Answer* find(std::string_view question) const;
  const std::string& why_not() const { return why_not_; }

 private:
  std::map<std::string, answers::Answer, std::less<>> answers_;
  std::string why_not_;
};

// What stands against using the answer: "its status command /opt/x/y ended with status 3: not
// licensed", "... did not answer in time", "nobody was asked: ..."; empty: it answered and, if a
// command, with status 0.
// One sentence for an operator, at most 256 bytes, printable.
std::string complaint_about(const HostAnswers& answers, std::string_view question);

// What comes on it to its end. Whoever asks is at his end after 46 s.
HostAnswers read_host_answers(int descriptor,
                              std::chrono::milliseconds patience = std::chrono::seconds(50));

// The group of questions that the probe of this name has. In a look at an image (`root` is not
// empty) nobody is asked.
HostAnswers take_host_answers(const std::string& root, std::string_view probe);

}  // namespace muster::probe
