#include "collector/http/runbooks.h"

namespace muster::collector::http {

const Runbook* find_runbook(std::string_view alert) {
  for (const Runbook& runbook : runbooks()) {
    if (runbook.alert == alert) return &runbook;
  }
  return nullptr;
}

std::string render_runbook_list() {
  std::string list;
  for (const Runbook& runbook : runbooks()) {
    list.append("/runbooks/").append(runbook.alert).append("\n");
  }
  return list;
}

}  // namespace muster::collector::http
