// Whether the threads that a collector lives by still do their work: each is asked, and answers on
// its own thread when it gets to it. One thread calls; the answers come from any, also after the
// end.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace muster::collector {

class Heartbeat {
 public:
  struct Part {
    // As it is shown: "the store".
    std::string name;
    // Has the part call `answered`, soon, on its thread. Must not block.
    std::function<void(std::function<void()> answered)> ask;
  };
  explicit Heartbeat(std::vector<Part> parts);

  // The names of those that have not answered since the last call, which wait for an answer still;
  // the others are asked anew.
  std::vector<std::string> silent();

 private:
  struct Asked {
    Part part;
    // Shared with the answer, which may come late.
    std::shared_ptr<std::atomic<bool>> waiting;
  };
  std::vector<Asked> parts_;
};

}  // namespace muster::collector
