// What to do about an alert, for whoever it called: as plain text, which every browser shows.
#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"
#include "collector/http/runbooks.h"

namespace muster::collector::http {

void get_runbooks(Call&& call) {
  call.respond({.body = render_runbook_list()});
}

void get_runbook(Call&& call) {
  const Runbook* const runbook = find_runbook(call.name);
  if (runbook == nullptr) {
    return call.respond(
        error_response(404, "there is no runbook of this name; GET /runbooks lists what there is"));
  }
  call.respond({.body = std::string(runbook->text)});
}

}  // namespace muster::collector::http
