#include "common/policy/control_memory.h"

#include <algorithm>

namespace muster::policy {

ControlMemory::ControlMemory(FirstSeen& all, const std::string& control)
    : all_(all), control_(control) {
  // Entities sort first, then controls: the host's memory of a control is one range.
  begin_ = all.lower_bound({.entity = "", .control = control, .subject = ""});
  for (end_ = begin_; end_ != all.end(); ++end_) {
    const auto& [key, since] = *end_;
    if (!key.entity.empty() || key.control != control) break;
    entries_.emplace_back(key.subject, since);
  }
}

std::optional<TimePoint> ControlMemory::find(std::string_view subject) const {
  const auto entry = std::lower_bound(
      entries_.begin(), entries_.end(), subject,
      [](const Entry& known, std::string_view wanted) { return known.first < wanted; });
  if (entry == entries_.end() || entry->first != subject) return std::nullopt;
  return entry->second;
}

bool ControlMemory::replace(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end());
  if (entries == entries_) return false;
  // What stays is not made anew: entries may look into it.
  auto known = begin_;
  for (const auto& [subject, since] : entries) {
    while (known != end_ && known->first.subject < subject)
      known = all_.erase(known);
    if (known != end_ && known->first.subject == subject) {
      known++->second = since;
    } else {
      all_.emplace_hint(
          known, SubjectKey{.entity = "", .control = control_, .subject = std::string(subject)},
          since);
    }
  }
  all_.erase(known, end_);
  entries_.clear();
  return true;
}

bool forget_other_controls(FirstSeen& all, const Policy& policy) {
  return std::erase_if(all, [&policy](const auto& entry) {
           const SubjectKey& key = entry.first;
           return !key.entity.empty() ||
                  std::none_of(
                      policy.controls.begin(), policy.controls.end(),
                      [&key](const Control& control) { return control.id == key.control; });
         }) > 0;
}

}  // namespace muster::policy
