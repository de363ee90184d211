#include "agent/probes/certificates/problem_list.h"

#include <fmt/format.h>

#include "common/text.h"

namespace muster {

std::string reason_text(const absl::Status& status) {
  return printable({status.message().data(), status.message().size()});
}

void ProblemList::add(std::string_view what, std::string_view problem) {
  if (++count_ == 1) first_ = fmt::format("{}: {}", what, problem);
}

void ProblemList::add_limit(std::string_view limit) {
  if (!limits_.empty()) limits_ += "; ";
  limits_ += limit;
}

std::string ProblemList::text() const {
  std::string text = first_;
  if (count_ > 1) text += fmt::format(" (and {} more)", count_ - 1);
  if (!text.empty() && !limits_.empty()) text += "; ";
  return text + limits_;
}

}  // namespace muster
