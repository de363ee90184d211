// One answer for all who wait for the same: it is made once at a time, and whoever asks meanwhile
// shares the next one, so nobody gets what was made before he asked. Any thread.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "collector/http/message.h"
#include "collector/http/work_pool.h"

namespace muster::collector::http {

class SharedAnswer {
 public:
  using Make = std::function<Response()>;

  // `work` may be made later; its threads end before this goes.
  explicit SharedAnswer(WorkPool& work) : work_(work) {}

  // Answers with what `make` makes, which must be the same for all who ask; 503 if too much waits.
  void ask(Respond respond, const Make& make);

 private:
  void run(const Make& make);
  std::vector<Respond> take_waiting();
  // Whether there is somebody to go on for.
  bool finish();

  WorkPool& work_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<Respond> waiting_;
  bool under_way_ = false;
};

}  // namespace muster::collector::http
