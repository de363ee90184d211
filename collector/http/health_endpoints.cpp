// For whoever watches the collector itself, with the paths that Prometheus's programs have.
#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"

namespace muster::collector::http {

void get_index(Call&& call) {
  call.respond({.body = render_index(call.state.routes)});
}

void get_healthy(Call&& call) {
  call.respond({.body = "Healthy.\n"});
}

void get_ready(Call&& call) {
  if (call.state.context.ready()) return call.respond({.body = "Ready.\n"});
  call.respond(error_response(absl::UnavailableError("the collector loads its store or stops")));
}

void post_reload(Call&& call) {
  answer_later(std::move(call), [](const Call& waiting) {
    const absl::StatusOr<std::string> note = waiting.state.context.reload();
    if (!note.ok()) return error_response(500, std::string(note.status().message()));
    return Response{.body = "Reloaded.\n" + (note->empty() ? "" : *note + "\n")};
  });
}

}  // namespace muster::collector::http
