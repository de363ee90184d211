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
inline void PrintTo(const HardwareStory& story, std::ostream* stream) {
  *stream << story.name;
}

std::vector<HardwareStory> hardware_stories();

}  // namespace muster::test
