// The machines of hardware_stories_test.cpp.
#pragma once

#include <ostream>
#include <vector>

#include "agent/asking/answer_table.h"
#include "tests/agent/probes/hardware/hardware_machine.h"

namespace muster::test {

struct HardwareStory {
  const char* name;
  void (*tell)(HardwareMachine& machine);
  // What its devices answer; without, there is nobody who asks them.
  std::vector<answers::Answer> (*answer)() = nullptr;
};
inline std::ostream& operator<<(std::ostream& stream, const HardwareStory& story) {
  return stream << story.name;
}

std::vector<HardwareStory> storage_stories();
std::vector<HardwareStory> machine_stories();
// Both.
inline std::vector<HardwareStory> hardware_stories() {
  std::vector<HardwareStory> stories = storage_stories();
  for (const HardwareStory& story : machine_stories())
    stories.push_back(story);
  return stories;
}

}  // namespace muster::test
