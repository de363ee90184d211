#include "collector/http/shared_answer.h"

#include <exception>
#include <memory>
#include <utility>

#include "collector/http/error_response.h"
#include "collector/http/shared_body.h"

namespace muster::collector::http {

void SharedAnswer::ask(Respond respond, const Make& make) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(respond));
    if (under_way_) return;
    under_way_ = true;
  }
  if (work_.post([this, make] { run(make); })) return;
  do {
    for (const Respond& refused : take_waiting()) {
      refused(error_response(
          absl::ResourceExhaustedError("too many requests wait for an answer; try again")));
    }
  } while (finish());
}

void SharedAnswer::run(const Make& make) {
  do {
    const std::vector<Respond> asked = take_waiting();
    try {
      Response response = make();
      response.shared_body = std::make_shared<SharedBody>(std::move(response.body));
      response.body.clear();
      for (const Respond& respond : asked)
        respond(response);
    } catch (const std::exception&) {
      // Out of memory: `asked` is destroyed, which answers 503.
    }
    // Behind whatever else waits for a thread, where there is room to wait.
  } while (finish() && !work_.post([this, make] { run(make); }));
}

std::vector<Respond> SharedAnswer::take_waiting() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

bool SharedAnswer::finish() {
  const std::lock_guard lock(mutex_);
  under_way_ = !waiting_.empty();
  return under_way_;
}

}  // namespace muster::collector::http
