#include "tests/agent/sandbox/hostile_acts.h"

#include <vector>

namespace muster::hostile {

std::span<const Act> all_acts() {
  static const std::vector<Act> acts = [] {
    std::vector<Act> all;
    for (const std::span<const Act> kind :
         {acts_on_files(), acts_on_processes(), acts_on_the_network(), acts_on_the_kernel(),
          acts_on_limits()}) {
      all.insert(all.end(), kind.begin(), kind.end());
    }
    return all;
  }();
  return acts;
}

}  // namespace muster::hostile
