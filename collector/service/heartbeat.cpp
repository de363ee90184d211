#include "collector/service/heartbeat.h"

#include <utility>

namespace muster::collector {

Heartbeat::Heartbeat(std::vector<Part> parts) {
  for (Part& part : parts) {
    parts_.push_back(
        {.part = std::move(part), .waiting = std::make_shared<std::atomic<bool>>(false)});
  }
}

std::vector<std::string> Heartbeat::silent() {
  std::vector<std::string> names;
  for (const Asked& asked : parts_) {
    if (*asked.waiting) {
      names.push_back(asked.part.name);
      continue;
    }
    *asked.waiting = true;
    asked.part.ask([waiting = asked.waiting] { *waiting = false; });
  }
  return names;
}

}  // namespace muster::collector
