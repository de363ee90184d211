#include "common/policy/policy.h"

#include <algorithm>

namespace muster::policy {

Duration Deadlines::of(v1::Severity severity) const {
  switch (severity) {
    case v1::SEVERITY_LOW:
      return low;
    case v1::SEVERITY_HIGH:
      return high;
    case v1::SEVERITY_CRITICAL:
      return critical;
    default:
      return medium;
  }
}

bool Waiver::covers(std::string_view subject) const {
  if (subjects.empty()) return true;
  return std::any_of(subjects.begin(), subjects.end(), [subject](const std::string& pattern) {
    return matches_glob(pattern, subject);
  });
}

const Control* Policy::find_control(std::string_view id) const {
  const auto found = std::find_if(controls.begin(), controls.end(),
                                  [id](const Control& control) { return control.id == id; });
  return found == controls.end() ? nullptr : &*found;
}

}  // namespace muster::policy
