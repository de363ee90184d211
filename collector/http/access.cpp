#include "collector/http/access.h"

namespace muster::collector::http {

bool is_local(const Request& request) {
  if (request.from_administration_socket) return true;
  if (!request.from_loopback) return false;
  for (const char* header : {"forwarded", "x-forwarded-for", "x-real-ip", "via"}) {
    if (request.headers.contains(header)) return false;
  }
  return true;
}

}  // namespace muster::collector::http
