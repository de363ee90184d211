#include "agent/probes/firmware/answered/notes.h"

#include <fmt/format.h>

#include <algorithm>

namespace muster::firmware {

void Notes::add(const std::string& device, const std::string& complaint) {
  if (complaint.empty()) return;
  const auto same = std::find_if(notes_.begin(), notes_.end(), [&complaint](const Note& note) {
    return note.complaint == complaint;
  });
  if (same != notes_.end()) {
    ++same->more;
  } else {
    notes_.push_back({device, complaint});
  }
}

void Notes::take_to(Found& found) const {
  for (const Note& note : notes_) {
    v1::UnreadableSource& unreadable = found.unreadable.emplace_back();
    unreadable.set_path(note.device);
    unreadable.set_error(note.more == 0
                             ? note.complaint
                             : fmt::format("{} (and {} more)", note.complaint, note.more));
  }
}

}  // namespace muster::firmware
