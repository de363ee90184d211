// The head of a response: status line and headers, with what every answer carries. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <ctime>
#include <string>

#include "collector/http/message.h"

namespace muster::collector::http {

struct ResponseHead {
  size_t content_length = 0;
  bool keep_alive = true;
  bool gzip = false;
  // For the Date header.
  std::time_t now = 0;
};

// Up to and with the empty line. A header whose name or value could end its line is left out.
std::string render_response_head(const Response& response, const ResponseHead& head);

}  // namespace muster::collector::http
