// What this host answered to the fixed questions of agent/answers or agent/device_answers, as a
// probe is given it: on a descriptor by the launcher, or by starting who asks where somebody runs
// the probe by hand.
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
  // "nobody was asked: ..."; of answers, what stands for a question that is not among them.
  const std::string& why_not() const { return why_not_; }
  // By name; empty where nobody was asked.
  const std::map<std::string, answers::Answer, std::less<>>& all() const { return answers_; }

 private:
  std::map<std::string, answers::Answer, std::less<>> answers_;
  std::string why_not_;
};

// What comes on it to its end, of that group of questions (host_answers_source.h). Whoever asks is
// at his end after 46 s.
HostAnswers read_host_answers(int descriptor, char group,
                              std::chrono::milliseconds patience = std::chrono::seconds(50));

// The answers to a group of questions. In a look at an image (`root` is not empty) nobody is asked.
HostAnswers take_host_answers(const std::string& root, char group);

}  // namespace muster::probe
